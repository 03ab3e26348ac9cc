"""The pages: server-rendered, for people. Every router in one visible list."""

from fastapi import APIRouter

from web.pages import (
    access_forms,
    alert,
    alerts,
    contact_forms,
    home,
    login,
    me,
    override_form,
    phone,
    schedules,
    subscriptions,
)

ROUTERS: list[APIRouter] = [
    home.router,
    login.router,
    alerts.router,
    alert.router,
    schedules.router,
    subscriptions.router,
    override_form.router,
    me.router,
    contact_forms.router,
    access_forms.router,
]
PHONE_ROUTER = phone.router
"""Only in demo mode."""
