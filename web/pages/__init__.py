"""The pages: server-rendered, for people. Every router in one visible list."""

from fastapi import APIRouter, Depends

from web.forms import LARGEST_BODY, MOST_FILES, read_form
from web.pages import (
    absence_forms,
    access_forms,
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
    live,
    login,
    maintenance,
    me,
    notice_forms,
    offline,
    override_form,
    page_on_call,
    people,
    phone,
    publishing,
    rotation_form,
    schedule_list,
    schedules,
    services,
    shadow_form,
    styleguide,
    subscriptions,
    suppressed,
    swap_form,
    swaps,
    temporary_form,
)

ROUTERS: list[APIRouter] = [
    home.router,
    page_on_call.router,
    live.router,
    login.router,
    first_run.router,
    alerts.router,
    alert.router,
    maintenance.router,
    suppressed.router,
    answer.router,
    changes.router,
    heartbeats.router,
    schedule_list.router,
    schedules.router,
    services.router,
    burden.router,
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
    people.router,
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
