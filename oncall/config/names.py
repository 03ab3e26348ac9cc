"""What the parts of a config may refer to."""

from collections.abc import Container, Iterable, Set
from dataclasses import dataclass

from oncall.config.problems import Location
from oncall.config.schema import Config
from oncall.config.values import split_target


class Anything(Container[str]):
    """Stands for names that can't be told because their part of the file is wrong: every name is in it."""

    def __contains__(self, name: object) -> bool:
        return True


ANYTHING = Anything()


@dataclass(frozen=True)
class Names:
    users: Container[str]
    teams: Container[str]
    policies: Container[str]
    services: Container[str]
    schedules: Container[str]
    levels: dict[str, Container[str]]
    """Of each schedule."""
    methods: dict[str, Container[str]]
    """The contact methods of each user."""
    team_methods: dict[str, Container[str]]
    """And of each team."""

    @classmethod
    def of(cls, whole: Config, lost: Set[Location] = frozenset()) -> "Names":
        """`lost`: parts that could not be read, such as ("users",) or ("schedules", "dev", "levels")."""

        def known(names: Iterable[str], *place: str) -> Container[str]:
            return ANYTHING if place in lost else frozenset(names)

        return cls(
            users=known((user.handle for user in whole.users), "users"),
            teams=known((team.name for team in whole.teams), "teams"),
            policies=known((policy.name for policy in whole.escalation_policies), "escalation_policies"),
            services=known((service.name for service in whole.services), "services"),
            schedules=known((schedule.name for schedule in whole.schedules), "schedules"),
            levels={
                schedule.name: known(schedule.levels, "schedules", schedule.name, "levels")
                for schedule in whole.schedules
            },
            methods={
                user.handle: known((m.name for m in user.contact_methods), "users", user.handle, "contact_methods")
                for user in whole.users
            },
            team_methods={
                team.name: known((m.name for m in team.contact_methods), "teams", team.name, "contact_methods")
                for team in whole.teams
            },
        )

    # Each of these gives a sentence if there is no such thing, else "".

    def user(self, handle: str) -> str:
        return "" if handle in self.users else f"there is no user {handle}"

    def team(self, name: str) -> str:
        return "" if name in self.teams else f"there is no team {name}"

    def policy(self, name: str) -> str:
        return "" if name in self.policies else f"there is no escalation policy {name}"

    def service(self, name: str) -> str:
        return "" if name in self.services else f"there is no service {name}"

    def schedule(self, name: str) -> str:
        return "" if name in self.schedules else f"there is no schedule {name}"

    def level(self, schedule: str, level: str) -> str:
        levels = self.levels.get(schedule, ANYTHING)
        return "" if level in levels else f"schedule {schedule} has no level {level}"

    def method(self, handle: str, name: str) -> str:
        return "" if name in self.methods[handle] else f"{handle} has no contact method {name}"

    def team_method(self, team: str, name: str) -> str:
        return "" if name in self.team_methods.get(team, ANYTHING) else f"team {team} has no contact method {name}"

    def target(self, target: str) -> str:
        kind, name, part = split_target(target)
        if kind == "schedule":
            return self.schedule(name) or (self.level(name, part) if part else "")
        if kind == "team":
            return self.team(name) or (self.team_method(name, part) if part else "")
        return self.user(name)
