"""The sending tools: one file and one row each."""

from oncall.ingest import (
    alertmanager,
    cloudwatch,
    datadog,
    generic,
    grafana,
    healthchecks,
    icinga,
    kapacitor,
    nagios,
    newrelic,
    opsgenie,
    pagerduty,
    prometheus,
    sensu,
    sentry,
    uptime_kuma,
    uptimerobot,
    victorops,
    zabbix,
)
from oncall.ingest.tool import Tool

TOOLS: dict[str, Tool] = {
    "alertmanager": alertmanager.TOOL,
    "cloudwatch": cloudwatch.TOOL,
    "datadog": datadog.TOOL,
    "generic": generic.TOOL,
    "grafana": grafana.TOOL,
    "healthchecks": healthchecks.TOOL,
    "icinga": icinga.TOOL,
    "kapacitor": kapacitor.TOOL,
    "nagios": nagios.TOOL,
    "newrelic": newrelic.TOOL,
    "opsgenie": opsgenie.TOOL,
    "pagerduty": pagerduty.TOOL,
    "prometheus": prometheus.TOOL,
    "sensu": sensu.TOOL,
    "sentry": sentry.TOOL,
    "uptime-kuma": uptime_kuma.TOOL,
    "uptimerobot": uptimerobot.TOOL,
    "victorops": victorops.TOOL,
    "zabbix": zabbix.TOOL,
}
"""By the name that is in the address, `/ingest/{tool}/{key}`."""
