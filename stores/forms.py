"""What people type about stores: the name and the reach of a saved view."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from stores.page_state.read import parse
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


def first_error(form: forms.Form) -> str:
    """What to tell when a small form was sent with a fault."""
    errors: dict[str, Any] = form.errors
    return next((str(error) for found in errors.values() for error in found), "")
