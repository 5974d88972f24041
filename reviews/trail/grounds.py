"""By which versions of policy and model a case was routed: what its decision rests on."""

from typing import Any

from reviews.models import Route

PARTS = (
    "policy_version__number",
    "prediction__model_version__model__name",
    "prediction__model_version__number",
)


def grounds_of(route_id: int) -> dict[str, Any]:
    """The policy's version and the model with its version, as far as a route had them."""
    policy, model, version = Route.objects.values_list(*PARTS).get(pk=route_id)
    found = {"policy": policy, "model": f"{model}, version {version}" if model else None}
    return {name: value for name, value in found.items() if value is not None}
