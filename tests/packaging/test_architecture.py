"""The rooms of the package, and who may import whom: one table over every import, those within functions included."""

import ast
import pathlib
import re

import pytest

import gng_fast

pytestmark = pytest.mark.quick

ROOT = pathlib.Path(gng_fast.__file__).parent

GROUND = {"parameters", "checks", "optional", "files", "npz", "progress"}
ART = {"art.image", "art.drawing", "art.styles", "art.export", "art.recipes", "art.writing"}
NETWORK = GROUND | {"graph", "core"}

#: Room -> rooms that its modules may import from, besides their own.
MAY_IMPORT = {
    **dict.fromkeys(GROUND, GROUND),
    "graph": GROUND,
    "core": GROUND | {"graph"},
    "reference": GROUND | {"graph"},
    "model": NETWORK,
    "art": set(),
    "art.image": GROUND,
    "art.drawing": GROUND,
    "art.styles": GROUND | {"graph", "art.image", "art.drawing"},
    "art.export": GROUND | {"graph", "art.image", "art.drawing", "gng_fast"},  # the version
    "art.writing": NETWORK | {"model", "art.image", "art.drawing", "art.styles"},
    "art.recipes": NETWORK | {"model", "art.image", "art.drawing", "art.styles", "art.export"},
    "studio": NETWORK | ART | {"model"},
    "benchmark": NETWORK | {"reference", "gng_fast"},
    "distributed": NETWORK | ART | {"model"},
    "cli": NETWORK | ART | {"model", "distributed", "benchmark", "studio", "gng_fast"},
    "__main__": {"cli"},
    "gng_fast": NETWORK | ART | {"model", "reference", "distributed"},
}


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("gng_fast", *(part for part in parts if part != "__init__")))


MODULES = {module_of(path): path for path in sorted(ROOT.rglob("*.py"))}
# beside the installed package there are no sources of the compiled modules; their stubs are
MODULES |= {module_of(path): path for path in sorted(ROOT.rglob("*.pyx")) or sorted(ROOT.rglob("*.pyi"))}


def room_of(module):
    """The room of a module: the longest name of the table that it lies in."""
    inside = module.removeprefix("gng_fast").lstrip(".")
    rooms = [room for room in MAY_IMPORT if inside == room or inside.startswith(f"{room}.")]
    return max(rooms, key=len) if rooms else "gng_fast"


def imported_modules(path):
    """The modules of the package that a module imports, anywhere in it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".pyx":  # not Python: its imports are lines of their own
        found = re.findall(r"^ *from (gng_fast[.\w]*) import \(?([^#\n]*)", text, re.M)
        names = [f"{module}.{name.strip()}" for module, rest in found for name in rest.split(",")]
    else:
        names = []
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}: a relative import"
                names += [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names += [alias.name for alias in node.names]
    ours = {name for name in names if name.split(".")[0] == "gng_fast"}
    return {name if name in MODULES else name.rpartition(".")[0] for name in ours}


def test_every_module_has_a_room():
    assert len(MODULES) > 40
    assert {room_of(module) for module in MODULES if module != "gng_fast"} <= set(MAY_IMPORT) - {"gng_fast"}


def test_a_new_file_at_the_top_needs_a_reason():
    assert len([path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith("_stub")]) <= 12


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_one_way(module):
    room = room_of(module)
    for imported in imported_modules(MODULES[module]):
        assert room_of(imported) in MAY_IMPORT[room] | {room}, f"{module} ({room}) imports {imported}"


@pytest.mark.parametrize("module", MODULES)
def test_nobody_imports_what_is_private(module):
    for node in (
        ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))) if MODULES[module].suffix != ".pyx" else ()
    ):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("gng_fast"):
            private = [
                alias.name for alias in node.names if alias.name.startswith("_") and not alias.name.startswith("__")
            ]
            assert not private, f"{module} imports {private} from {node.module}"


def names_made(tree):
    """The names that a module makes: of functions, classes, variables and attributes of self."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_own(node.value):
            yield node.attr


def names_of_others(tree):
    """The names that a module takes from another object than self: `it.name`, `getattr(it, "name")`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not is_own(node.value):
            yield node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ACCESS:
            if isinstance(node.args[1], ast.Constant) and not is_own(node.args[0]):
                yield node.args[1].value


def is_own(node):
    return (isinstance(node, ast.Name) and node.id in ("self", "cls")) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
    )


ACCESS = {"getattr", "setattr", "hasattr", "delattr"}
# the methods of named tuples, and os._exit, which are public
PUBLIC = {"_asdict", "_exit", "_fields", "_field_defaults", "_make", "_replace"}


@pytest.mark.parametrize("module", [module for module, path in MODULES.items() if path.suffix == ".py"])
def test_nobody_touches_what_is_private_of_another(module):
    """A module may use the private attributes that it makes itself, and those of self."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    private = {name for name in names_of_others(tree) if name.startswith("_") and not name.startswith("__")}
    assert not private - set(names_made(tree)) - PUBLIC


def test_what_is_private_is_found():
    tree = ast.parse("class A:\n    def _f(self): self._x = model._f() + model._y + getattr(model, '_z')")
    assert set(names_of_others(tree)) == {"_f", "_y", "_z"}
    assert {"_f", "_x"} <= set(names_made(tree)) and "_y" not in names_made(tree)


def test_no_module_imports_itself_in_a_circle():
    left = {module: imported_modules(path) - {module} for module, path in MODULES.items() if module != "gng_fast"}
    while True:
        free = [module for module, imports in left.items() if not imports & set(left)]
        if not free:
            break
        for module in free:
            del left[module]
    assert not left, f"a circle among {sorted(left)}"
