"""The sending tools: one file and one row each."""

from collections.abc import Mapping

from oncall.ingest import (
    alertmanager,
    azure,
    checkmk,
    cloudevents,
    cloudwatch,
    datadog,
    email,
    generic,
    github,
    google,
    grafana,
    healthchecks,
    icinga,
    kapacitor,
    kibana,
    monit,
    nagios,
    netdata,
    newrelic,
    opsgenie,
    pagerduty,
    pingdom,
    prometheus,
    prtg,
    sensu,
    sentry,
    statuscake,
    uptime_kuma,
    uptimerobot,
    victorops,
    zabbix,
)
from oncall.ingest.tool import Tool

TOOLS: dict[str, Tool] = {
    "alertmanager": alertmanager.TOOL,
    "azure": azure.TOOL,
    "checkmk": checkmk.TOOL,
    "cloudevents": cloudevents.TOOL,
    "cloudwatch": cloudwatch.TOOL,
    "datadog": datadog.TOOL,
    "email": email.TOOL,
    "generic": generic.TOOL,
    "github": github.TOOL,
    "google": google.TOOL,
    "grafana": grafana.TOOL,
    "healthchecks": healthchecks.TOOL,
    "icinga": icinga.TOOL,
    "kapacitor": kapacitor.TOOL,
    "kibana": kibana.TOOL,
    "monit": monit.TOOL,
    "nagios": nagios.TOOL,
    "netdata": netdata.TOOL,
    "newrelic": newrelic.TOOL,
    "opsgenie": opsgenie.TOOL,
    "pagerduty": pagerduty.TOOL,
    "pingdom": pingdom.TOOL,
    "prometheus": prometheus.TOOL,
    "prtg": prtg.TOOL,
    "sensu": sensu.TOOL,
    "sentry": sentry.TOOL,
    "statuscake": statuscake.TOOL,
    "uptime-kuma": uptime_kuma.TOOL,
    "uptimerobot": uptimerobot.TOOL,
    "victorops": victorops.TOOL,
    "zabbix": zabbix.TOOL,
}
"""By the name that is in the address, `/ingest/{tool}/{key}`."""


def secrets_of(tool: str) -> frozenset[str]:
    """Names of the options that are never shown again."""
    return TOOLS[tool].secrets if tool in TOOLS else frozenset()


def open_options(tool: str, options: Mapping[str, str]) -> dict[str, str]:
    """Those that may be shown."""
    return {name: value for name, value in options.items() if name not in secrets_of(tool)}


def set_secrets(tool: str, options: Mapping[str, str]) -> list[str]:
    """Names of the secret options that have a value."""
    return sorted(name for name in secrets_of(tool) if options.get(name))
