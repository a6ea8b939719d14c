"""What people type about stores: the name and the reach of a saved view."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.records import Viewer
from stores.models import Permission, Store
from stores.page_state.read import parse
from stores.queries import stores_for
from stores.services import MAX_VIEW_NAME

PAGES = {
    "kpis": "analytics:kpis",
    "orders": "sales:order-list",
    "customers": "customers:customer-list",
    "products": "listings:product-list",
}


class ViewForm(forms.Form):
    """A page's state to keep: under which name, and for whom."""

    page = forms.ChoiceField(choices=[(page, page) for page in PAGES])
    name = forms.CharField(label=_("Name"), max_length=MAX_VIEW_NAME)
    query = forms.CharField(required=False, max_length=4000)
    store = forms.SlugField(required=False)

    def clean_query(self) -> str:
        """The query string in its canonical form; the view it came from is no part of it."""
        text: str = self.cleaned_data["query"]
        if self.data.get("page") != "kpis":
            params = QueryDict(text, mutable=True)
            params.pop("view", None)
            return params.urlencode()
        state, _notices = parse(text)
        return state.with_(view=None).query


class NameForm(forms.Form):
    """Another name for a saved view."""

    name = forms.CharField(label=_("Name"), max_length=MAX_VIEW_NAME)


class TokenForm(forms.Form):
    """A new API token: its name, what it may do, where, and for how long."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Which system uses it."))
    scopes = forms.MultipleChoiceField(
        label=_("It may"), error_messages={"required": _("Choose at least one.")}
    )
    stores = forms.ModelMultipleChoiceField(
        Store.objects.none(), label=_("In"), to_field_name="slug",
        error_messages={"required": _("Choose at least one store.")},
    )  # fmt: skip
    days = forms.TypedChoiceField(
        label=_("Ends after"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("one year"))],
        initial=90,
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = [choice for choice in Permission.choices if viewer.can_anywhere(choice[0])]
        self.fields["scopes"].choices = held  # type: ignore[attr-defined]
        self.fields["stores"].queryset = stores_for(viewer)  # type: ignore[attr-defined]

    def sent(self, name: str) -> list[str]:
        """What was ticked under a name."""
        return self.data.getlist(name) if isinstance(self.data, QueryDict) else []

    @property
    def chosen_scopes(self) -> list[str]:
        return self.sent("scopes")

    @property
    def chosen_stores(self) -> list[str]:
        if self.is_bound:
            return self.sent("stores")
        return [store.slug for store in self.fields["stores"].queryset]  # type: ignore[attr-defined]


def first_error(form: forms.Form) -> str:
    """What to tell when a small form was sent with a fault."""
    errors: dict[str, Any] = form.errors
    return next((str(error) for found in errors.values() for error in found), "")
