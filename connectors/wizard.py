"""The import wizard: send a file, say what its columns are, look at what would happen, import."""

from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connectors.access import check_to_see
from connectors.files.checking import import_checked, start_check
from connectors.files.known import PRESETS, choices_for_a_file, mapping_named
from connectors.files.mapping import Mapping, Part
from connectors.files.presets.generic import LABELS, PREFIX, stream_from
from connectors.files.reading import Look
from connectors.files.uploads import (
    Upload,
    keep_upload,
    recognise_upload,
    remember_mapping,
    upload_of,
)
from connectors.forms import (
    DELIMITERS,
    ENCODINGS,
    ColumnsForm,
    ReadingForm,
    UploadForm,
    can_map_columns,
)
from core.errors import Refused
from core.tabular.model import NeedsChoice
from core.web import render_part
from stores.access import demand, store_by_slug
from stores.guards import ViewerRequest, needs
from stores.models import Permission, Store

STEPS = [_("File"), _("Columns"), _("Check"), _("Import")]


@needs(Permission.MANAGE_CONNECTORS)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: ViewerRequest) -> HttpResponse:
    managed = request.viewer.stores_with(Permission.MANAGE_CONNECTORS)
    stores = Store.objects.filter(pk__in=managed, is_demo=False) or Store.objects.filter(
        pk__in=managed
    )
    initial = {"store": request.GET.get("store", "")}
    form = UploadForm(request.POST or None, request.FILES or None, stores=stores, initial=initial)
    if request.method == "POST" and form.is_valid():
        store, file = form.cleaned_data["store"], form.cleaned_data["file"]
        try:
            kept = keep_upload(store=store, name=file.name, chunks=file.chunks())
        except Refused as error:
            form.add_error("file", str(error))
        else:
            return redirect("connectors:upload-match", store.slug, kept.key)
    status = 422 if form.is_bound else 200
    context = {"form": form, "steps": STEPS, "known": choices_for_a_file()}
    return render(request, "connectors/upload.html", context, status=status)


@needs(Permission.MANAGE_CONNECTORS)
@require_http_methods(["GET", "HEAD", "POST"])
def upload_match(request: ViewerRequest, store: str, key: str) -> HttpResponse:
    """Which columns are what; every change of a choice shows the file as it would be read."""
    place = store_by_slug(request.viewer, store)
    demand(request.viewer, Permission.MANAGE_CONNECTORS, place.pk)
    try:
        kept = upload_of(place, key)
    except Refused as error:
        raise Http404(str(error)) from error
    given = request.POST if request.method == "POST" else request.GET
    match = Matching(place, kept, given)
    is_check = request.method == "POST" and "check" in given
    if is_check and match.is_ready:
        mapping = match.mapping()
        if match.columns is not None and match.look is not None:
            remember_mapping(
                viewer=request.viewer, store=place, headers=match.look.headers, mapping=mapping
            )
        job = start_check(viewer=request.viewer, store=place, upload=kept, mapping=mapping)
        return redirect("connectors:upload-check", job.pk)
    context = {"store": place, "upload": kept, "match": match, "steps": STEPS}
    status = 422 if is_check else 200
    return render_part(request, "connectors/upload_match.html", "match", context, status)


class Matching:
    """One reading of an upload: the look at it, the forms, and the mapping they make."""

    def __init__(self, store: Store, kept: Upload, given: Any) -> None:
        self.problem, self.asks, self.ways, self.slug = "", "", {}, ""
        self.look: Look | None = None
        self.columns: ColumnsForm | None = None
        self.recognised: Mapping | None = None
        self.is_remembered = False
        self.reading = ReadingForm(given if "check" in given else None)
        self.said = choices = self.choices(given)
        try:
            found = recognise_upload(store, kept, choices)
        except NeedsChoice as error:
            self.problem, self.asks, self.ways = str(error), error.asks, error.choices
            return
        except Refused as error:
            self.problem = str(error)
            return
        self.look, self.recognised = found.look, found.mapping
        self.is_remembered = found.is_remembered
        self.slug = given.get("mapping") or (found.mapping.slug if found.mapping else "")
        if not self.reading.is_bound:
            self.reading = ReadingForm(initial=self.initial(found.mapping, given))
        self.columns = self.columns_form(given)

    def choices(self, given: Any) -> dict[str, Any]:
        names = ("encoding", "delimiter")
        return {name: given[name] for name in names if given.get(name)}

    @property
    def offered(self) -> list[dict[str, Any]]:
        """The ways in which the file can be read, each with its name and first rows."""
        labels = dict([*ENCODINGS, *DELIMITERS])
        return [
            {"value": way, "label": labels.get(way, way), "rows": rows}
            for way, rows in self.ways.items()
        ]

    def initial(self, mapping: Mapping | None, given: Any) -> dict[str, Any]:
        shown = {"mapping": mapping.slug, "decimal": mapping.decimal} if mapping else {}
        names = [name for name in self.reading.fields if name in given]
        return {**shown, **{name: given[name] for name in names}}

    def base(self) -> Mapping | None:
        """The preset that was chosen, or a plain table as far as its columns are known."""
        headers = self.look.headers if self.look else []
        if self.recognised is not None and self.slug == self.recognised.slug:
            return self.recognised
        if self.slug in PRESETS:
            return PRESETS[self.slug]
        kind = self.slug.removeprefix(PREFIX)
        if kind not in LABELS:
            return None
        if kind == "order_lines":
            return self.orders_with_lines(headers)
        return Mapping(self.slug, LABELS[kind], (Part(streams=(stream_from(kind, headers),)),))

    def orders_with_lines(self, headers: list[str]) -> Mapping | None:
        try:
            return mapping_named(self.slug, headers)
        except Refused as error:
            self.problem = str(error)
            return None

    def columns_form(self, given: Any) -> ColumnsForm | None:
        base = self.base()
        if base is None or self.look is None or not can_map_columns(base):
            return None
        kept = given.get("matched") == self.slug
        bound = given if kept and "check" in given else None
        initial = {name: given[name] for name in given if kept and name.startswith("to_")}
        return ColumnsForm(bound, mapping=base, look=self.look, initial=initial)

    @property
    def is_ready(self) -> bool:
        """Whether everything is said that a check needs; marks what is missing."""
        forms = [form for form in (self.reading, self.columns) if form is not None]
        return not self.problem and all(form.is_valid() for form in forms) and bool(self.base())

    def mapping(self) -> Mapping:
        base = self.columns.filled() if self.columns is not None else self.base()
        if base is None:
            raise Refused("Say what the file holds.")
        return base.adjusted(self.reading.choices_made())


@needs(Permission.MANAGE_CONNECTORS)
@require_safe
def upload_check(request: ViewerRequest, pk: int) -> HttpResponse:
    job = check_to_see(request.viewer, pk)
    context = {
        "job": job,
        "steps": STEPS,
        "landing": would_land(job.result),
        "unchanged": sum(c.get("unchanged", 0) for c in counts_of(job.result)),
    }
    response = render_part(request, "connectors/upload_check.html", "check", context)
    if job.is_over and getattr(request, "htmx", False):
        response["HX-Refresh"] = "true"
    return response


def counts_of(result: dict[str, Any]) -> list[dict[str, int]]:
    return list(result.get("counts", {}).values())


def would_land(result: dict[str, Any]) -> int:
    """How many rows the check found to be new or changed."""
    return sum(counts.get("landed", 0) for counts in counts_of(result))


@needs(Permission.MANAGE_CONNECTORS)
@require_POST
def upload_import(request: ViewerRequest, pk: int) -> HttpResponse:
    """Import what was checked; a known file once more when the check found something to take."""
    job = check_to_see(request.viewer, pk)
    run = import_checked(viewer=request.viewer, job=job, again=would_land(job.result) > 0)
    return redirect("connectors:run-detail", run.pk)


@needs(Permission.MANAGE_CONNECTORS)
@require_safe
def upload_errors(request: ViewerRequest, pk: int) -> FileResponse:
    job = check_to_see(request.viewer, pk)
    if not job.file:
        raise Http404
    name = f"{job.title}-errors.csv"
    return FileResponse(job.file.open("rb"), as_attachment=True, filename=name)
