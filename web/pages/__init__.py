"""The pages: server-rendered, for people. Every router in one visible list."""

from fastapi import APIRouter, Depends

from web.first_word import ByFirstWord
from web.forms import LARGEST_BODY, MOST_FILES, read_form
from web.pages import again, home, live, login, offline, welcome
from web.pages.admin import admin, connect_twilio, first_run, phone, styleguide
from web.pages.alerts import alert, alerts, answer, changes, page_on_call
from web.pages.me import (
    absence_forms,
    access_forms,
    contact_forms,
    me,
    my_burden,
    my_month,
    notice_forms,
    our_numbers,
    subscriptions,
)
from web.pages.people import people, people_list, person_editor, team_editor, team_keys, teams
from web.pages.reports import burden, reports
from web.pages.schedules import (
    new_schedule,
    override_form,
    publishing,
    rotation_form,
    rotation_order,
    schedule_editor,
    schedule_list,
    schedules,
    shadow_form,
    temporary_form,
)
from web.pages.services import (
    heartbeat_editor,
    heartbeats,
    key_options,
    maintenance,
    policies,
    policy_editor,
    rules,
    service_editor,
    services,
    suppressed,
    would_page,
)
from web.pages.swaps import at_once, swap_form, swaps

ROUTERS: list[APIRouter] = [
    home.router,
    page_on_call.router,
    live.router,
    login.router,
    first_run.router,
    connect_twilio.router,
    alerts.router,
    alert.router,
    maintenance.router,
    suppressed.router,
    team_keys.router,
    rules.router,
    answer.router,
    changes.router,
    heartbeats.router,
    heartbeat_editor.router,
    schedule_list.router,
    new_schedule.router,
    schedule_editor.router,
    schedules.router,
    services.router,
    key_options.router,
    teams.router,
    team_editor.router,
    person_editor.router,
    service_editor.router,
    policies.router,
    policy_editor.router,
    would_page.router,
    burden.router,
    reports.router,
    subscriptions.router,
    override_form.router,
    shadow_form.router,
    temporary_form.router,
    publishing.router,
    rotation_form.router,
    rotation_order.router,
    at_once.router,
    swap_form.router,  # before the router below, to which “new” would be a number
    swaps.router,
    me.router,
    my_month.router,
    my_burden.router,
    our_numbers.router,
    people_list.router,
    people.router,
    welcome.router,
    admin.router,
    absence_forms.router,
    contact_forms.router,
    notice_forms.router,
    access_forms.router,
    again.router,
    offline.router,
    styleguide.router,
]


def pages(*, demo: bool) -> ByFirstWord:
    """The Phone is only there in demo mode."""
    including = APIRouter(dependencies=[Depends(read_form)], max_body_size=LARGEST_BODY)
    for page in [*ROUTERS, phone.router] if demo else ROUTERS:
        including.include_router(page, form_limits={"max_files": MOST_FILES})
    return ByFirstWord(including.routes)
