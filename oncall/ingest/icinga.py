"""Icinga 2, through a notification command (https://icinga.com/docs/icinga-2/latest/doc/03-monitoring-basics/#notifications).

Its fields are those of Nagios; its types of notification are written DowntimeStart, FlappingEnd and so on.
"""

from oncall.ingest.nagios import form_sample, parse
from oncall.ingest.tool import URL, Step, Tool

_COMMANDS = f"""object NotificationCommand "oncall-service" {{
  command = [ "/usr/bin/curl", "-fsS", "-m", "20", "--retry", "4", "--retry-connrefused", "{URL}",
    "--data-urlencode", "type=$notification.type$",
    "--data-urlencode", "host=$host.name$",
    "--data-urlencode", "service=$service.name$",
    "--data-urlencode", "state=$service.state$",
    "--data-urlencode", "output=$service.output$",
    "--data-urlencode", "author=$notification.author$",
    "--data-urlencode", "comment=$notification.comment$",
    "--data-urlencode", "url=$service.notes_url$" ]
}}

object NotificationCommand "oncall-host" {{
  command = [ "/usr/bin/curl", "-fsS", "-m", "20", "--retry", "4", "--retry-connrefused", "{URL}",
    "--data-urlencode", "type=$notification.type$",
    "--data-urlencode", "host=$host.name$",
    "--data-urlencode", "state=$host.state$",
    "--data-urlencode", "output=$host.output$",
    "--data-urlencode", "author=$notification.author$",
    "--data-urlencode", "comment=$notification.comment$",
    "--data-urlencode", "url=$host.notes_url$" ]
}}"""
_APPLY = """object User "oncall" { }

apply Notification "oncall" to Service {
  command = "oncall-service"
  users = [ "oncall" ]
  types = [ Problem, Acknowledgement, Recovery, Custom, FlappingEnd, DowntimeEnd, DowntimeRemoved ]
  interval = 15m
  assign where true
}

apply Notification "oncall" to Host {
  command = "oncall-host"
  users = [ "oncall" ]
  types = [ Problem, Acknowledgement, Recovery, Custom, FlappingEnd, DowntimeEnd, DowntimeRemoved ]
  interval = 15m
  assign where true
}"""

TOOL = Tool(
    "Icinga",
    parse,
    trigger=form_sample("PROBLEM", "CRITICAL", "DISK CRITICAL - free space: /var 120 MB (1%)"),
    resolve=form_sample("RECOVERY", "OK", "DISK OK - free space: /var 9000 MB (75%)"),
    recipe=(
        Step("Add to Icinga 2, for example in conf.d/oncall.conf, the commands", _COMMANDS),
        Step(
            "and the notifications that use them; `assign where` says for what, and `interval` says it again while it "
            "lasts, in case nothing could reach us",
            _APPLY,
        ),
        Step("Check and reload", "icinga2 daemon -C && systemctl reload icinga2"),
    ),
)
