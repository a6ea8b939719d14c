"""What people type about themselves."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User

LOCALES = {
    "en": _("English (United Kingdom): 31 Dec, 1,234.50"),
    "en-us": _("English (United States): Dec 31, 1,234.50"),
    "de": _("German: 31. Dez., 1.234,50"),
    "de-ch": _("German (Switzerland): 31. Dez., 1’234.50"),
    "fr": _("French: 31 déc., 1 234,50"),
    "es": _("Spanish: 31 dic, 1234,50"),
    "it": _("Italian: 31 dic, 1234,50"),
    "nl": _("Dutch: 31 dec, 1.234,50"),
    "pl": _("Polish: 31 gru, 1234,50"),
    "pt": _("Portuguese (Brazil): 31 de dez., 1.234,50"),
    "sv": _("Swedish: 31 dec., 1 234,50"),
    "ja": _("Japanese: 12月31日, 1,234.50"),
}


class ThemeForm(forms.Form):
    theme = forms.ChoiceField(choices=User.Theme.choices)


class ListForm(forms.Form):
    """Which columns of a list the person wants to see, and how high its rows are."""

    page = forms.SlugField(max_length=40)
    density = forms.ChoiceField(choices=[("roomy", "roomy"), ("dense", "dense")], required=False)

    def columns(self) -> list[str]:
        return [str(name)[:40] for name in self.data.getlist("columns")[:60]]  # type: ignore[attr-defined]


class AccountForm(forms.Form):
    """The person's name, and how pages are written and steered for them."""

    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    locale = forms.ChoiceField(
        label=_("Numbers and dates"),
        choices=list(LOCALES.items()),
        help_text=_("How numbers, money and dates are written for you."),
    )
    single_keys = forms.BooleanField(
        label=_("Single-key shortcuts"),
        required=False,
        help_text=_("Keys such as / and J act on their own. They never act while you type."),
    )
