"""What the import wizard asks for."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from connectors.files.known import choices_for_a_file
from connectors.files.mapping import FieldFrom, Mapping
from connectors.files.reading import Look
from connectors.streams import STREAMS
from core.columns import required_of
from stores.models import Store

DECIMALS = [(".", _("1,234.56 (point)")), (",", _("1.234,56 (comma)"))]
DATES = [
    ("", _("As the columns say (ISO 8601, 2026-05-31)")),
    ("%d/%m/%Y", "31/05/2026"),
    ("%m/%d/%Y", "05/31/2026"),
    ("%d.%m.%Y", "31.05.2026"),
    ("%d-%m-%Y", "31-05-2026"),
]
ENCODINGS = [
    ("", _("Find out")),
    ("utf-8", "UTF-8"),
    ("cp1252", _("Western Europe, Windows (cp1252)")),
    ("iso8859-15", _("Western Europe (ISO 8859-15)")),
    ("cp1251", _("Cyrillic, Windows (cp1251)")),
    ("shift_jis", _("Japanese (Shift JIS)")),
    ("gb18030", _("Chinese (GB 18030)")),
    ("utf-16", "UTF-16"),
    ("utf-16-le", _("UTF-16 without its mark")),
]
DELIMITERS = [
    ("", _("Find out")),
    (",", _("Comma")),
    (";", _("Semicolon")),
    ("\t", _("Tab")),
    ("|", _("Vertical bar")),
]


FIELD_LABELS = {
    "external_id": _("Id at the source"),
    "at": _("When"),
    "utc_offset": _("Hours from UTC"),
}


class UploadForm(forms.Form):
    """Which file, into which store."""

    store = forms.ModelChoiceField(
        Store.objects.none(), label=_("Store"), to_field_name="slug", empty_label=None
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, TSV, XLSX, Parquet or JSON lines; also packed with gzip."),
    )

    def __init__(self, *args: Any, stores: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["store"].queryset = stores  # type: ignore[attr-defined]


class DaysForm(forms.Form):
    """The first and the last day of a stretch of days."""

    start = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if "start" in found and "end" in found and found["end"] < found["start"]:
            self.add_error("end", _("The period ends before it starts."))
        return found

    @property
    def days(self) -> tuple[date, date]:
        return self.cleaned_data["start"], self.cleaned_data["end"]


class ReadingForm(forms.Form):
    """How the file is read: what it holds, and how its numbers, dates and letters are written."""

    mapping = forms.ChoiceField(
        label=_("What the file holds"),
        choices=lambda: [("", _("Choose…")), *choices_for_a_file()],
        error_messages={"required": _("Say what the file holds.")},
    )
    decimal = forms.ChoiceField(label=_("Numbers are written"), choices=DECIMALS, required=False)
    dates = forms.ChoiceField(label=_("Dates are written"), choices=DATES, required=False)
    encoding = forms.ChoiceField(
        label=_("Letters are written in"), choices=ENCODINGS, required=False
    )
    delimiter = forms.ChoiceField(
        label=_("Columns are parted by"), choices=DELIMITERS, required=False
    )

    def choices_made(self) -> dict[str, Any]:
        """What was chosen, in the names of `Mapping.adjusted`; empty means leave as it is."""
        given = self.cleaned_data
        dates = given.get("dates")
        return {
            "decimal": given.get("decimal") or "",
            "dates": (dates, f"{dates} %H:%M", f"{dates} %H:%M:%S") if dates else (),
            "encoding": given.get("encoding") or "",
            "delimiter": given.get("delimiter") or "",
        }


class ColumnsForm(forms.Form):
    """One choice of a column for each field of a plain table's stream."""

    def __init__(self, *args: Any, mapping: Mapping, look: Look, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mapping = mapping
        self.stream = mapping.parts[0].streams[0]
        chosen = {f.to: f.column for f in self.stream.fields}
        required = required_of(STREAMS[self.stream.stream])
        columns = [("", _("Not in the file")), *with_samples(look)]
        for name in (field.name for field in fields(STREAMS[self.stream.stream])):
            self.fields[f"to_{name}"] = forms.ChoiceField(
                label=FIELD_LABELS.get(name) or name.replace("_", " ").capitalize(),
                choices=columns,
                initial=chosen.get(name, ""),
                required=name in required,
            )

    @property
    def first(self) -> list[forms.BoundField]:
        """The fields that must be matched, are matched, or are wrong."""
        return [f for f in self if f.field.required or f.value() or f.errors]

    @property
    def others(self) -> list[forms.BoundField]:
        """The fields that the file does not seem to have."""
        return [f for f in self if not (f.field.required or f.value() or f.errors)]

    def filled(self) -> Mapping:
        """The mapping with the chosen columns; constants and word lists of the preset stay."""
        known = {f.to: f for f in self.stream.fields}
        kept = []
        for name, column in self.cleaned_data.items():
            to = name.removeprefix("to_")
            if column:
                kept.append(replace(known.get(to, FieldFrom(to)), column=column))
            elif to in known and known[to].constant:
                kept.append(known[to])
        stream = replace(self.stream, fields=tuple(kept))
        part = replace(self.mapping.parts[0], streams=(stream,))
        return replace(self.mapping, parts=(part,))


def with_samples(look: Look) -> list[tuple[str, str]]:
    """Each column of the file with its first value, so that a person knows which it is."""
    found = []
    for place, header in enumerate(look.headers):
        values = [row[place] for row in look.rows if place < len(row) and row[place]]
        found.append((header, f"{header} · {values[0][:24]}" if values else header))
    return found


def can_map_columns(mapping: Mapping) -> bool:
    """Whether a person may say which column is which: one plain table of one stream."""
    return (
        mapping.slug.startswith("generic")
        and len(mapping.parts) == 1
        and len(mapping.parts[0].streams) == 1
    )
