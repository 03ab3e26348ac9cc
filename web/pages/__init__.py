"""The pages: server-rendered, for people. Every router in one visible list."""

from fastapi import APIRouter, Depends

from web.forms import LARGEST_BODY, MOST_FILES, read_form
from web.pages import (
    absence_forms,
    access_forms,
    admin,
    again,
    alert,
    alerts,
    answer,
    at_once,
    burden,
    changes,
    contact_forms,
    first_run,
    heartbeats,
    home,
    key_options,
    login,
    maintenance,
    me,
    my_burden,
    my_month,
    notice_forms,
    offline,
    our_numbers,
    override_form,
    people,
    phone,
    policies,
    publishing,
    reports,
    rotation_form,
    rules,
    schedule_list,
    schedules,
    service_editor,
    services,
    shadow_form,
    styleguide,
    subscriptions,
    suppressed,
    swap_form,
    swaps,
    teams,
    temporary_form,
    welcome,
    would_page,
)

ROUTERS: list[APIRouter] = [
    home.router,
    login.router,
    first_run.router,
    alerts.router,
    alert.router,
    maintenance.router,
    suppressed.router,
    rules.router,
    answer.router,
    changes.router,
    heartbeats.router,
    schedule_list.router,
    schedules.router,
    services.router,
    key_options.router,
    teams.router,
    service_editor.router,
    policies.router,
    would_page.router,
    burden.router,
    reports.router,
    subscriptions.router,
    override_form.router,
    shadow_form.router,
    temporary_form.router,
    publishing.router,
    rotation_form.router,
    at_once.router,
    swap_form.router,  # before the router below, to which “new” would be a number
    swaps.router,
    me.router,
    my_month.router,
    my_burden.router,
    our_numbers.router,
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


def pages(*, demo: bool) -> APIRouter:
    """The Phone is only there in demo mode."""
    router = APIRouter(
        dependencies=[Depends(read_form)], max_body_size=LARGEST_BODY, form_limits={"max_files": MOST_FILES}
    )
    for page in [*ROUTERS, phone.router] if demo else ROUTERS:
        router.include_router(page)
    return router
