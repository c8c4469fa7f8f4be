"""The routes under /users."""

from __future__ import annotations

from accounts.observability.metrics import Metrics
from accounts.observability.users import USERS_CREATED
from accounts.routing import Request, Response, Route
from accounts.services.users import UserService
from accounts.validation import users as validate


def user_routes(service: UserService, metrics: Metrics) -> tuple[Route, ...]:
    """All routes under /users, each with the scope that it demands."""

    def create(request: Request) -> Response:
        email, display_name = validate.new_user(request.body)
        user = service.create(email, display_name)
        metrics.count(USERS_CREATED)
        return Response(201, user.as_json(), {"Location": f"/users/{user.id}"})

    def get(request: Request) -> Response:
        return Response(200, service.get(validate.user_id(request.params["id"])).as_json())

    return (
        Route("POST", "/users", "createUser", "users:write", create, mutates=True),
        Route("GET", "/users/{id}", "getUser", "users:read", get),
    )
