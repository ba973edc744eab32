"""The page in a real browser: every control, the mask, every file, keys, widths of screens, and what axe-core finds.

Chromium is the one of the system; Playwright drives it. Where either is missing nothing is tested here. With a folder
in GNG_FAST_SCREENSHOTS pictures of the page are left there.
"""

import io
import os
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PIL")
pytest.importorskip("playwright.sync_api")

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from gng_fast import cli, recipes

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")

DRAWN = re.compile("^drawn in ")
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def photo():
    """A dark ring with some grey in it, 150 x 100, as the bytes of a PNG."""
    y, x = np.mgrid[:100, :150]
    radius = np.hypot(x - 75, y - 50)
    grey = np.where((radius > 15) & (radius < 40), 40 + x % 50, 235)
    buffer = io.BytesIO()
    Image.fromarray(np.stack([grey, grey, np.minimum(255, grey + 20)], axis=2).astype("u1")).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def program(start, photo, tmp_path_factory):
    """A studio that begins with the photo."""
    folder = tmp_path_factory.mktemp("photos")
    (folder / "ring.png").write_bytes(photo)
    return start("ring.png", cwd=folder)


@pytest.fixture
def tab(browser, program):
    """The page with the photo drawn; errors of its script fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(program.url)
    drawn_with(page, "ring.png")
    yield page
    context.close()
    assert not errors


def drop(page, data, name="ring.png"):
    page.evaluate(
        """([bytes, name]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], name, {type: "image/png"}));
            dispatchEvent(new DragEvent("drop", {dataTransfer: transfer, bubbles: true, cancelable: true}));
        }""",
        [list(data), name],
    )


def drawn_with(page, *words):
    """Wait until a drawing is there whose command has these words."""
    for word in words:
        expect(page.locator("#command")).to_contain_text(word)
    expect(page.locator("#status")).to_have_text(DRAWN)


def control(page, name):
    return page.locator(f'[data-option="{name}"]')


def density(page, value):
    field = control(page, "detail").get_by_role("textbox")
    field.fill(str(value))
    field.press("Enter")


def measured(page, name):
    return page.evaluate("name => performance.getEntriesByName(name).length", name)


def saved(page, button):
    with page.expect_download(timeout=60_000) as waiting:
        button.click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def change(page, option):
    """Change the control of an option to something else than it is; return what the command then has."""
    place, word = control(page, option.name), f"--{option.name.replace('_', '-')}"
    if place.evaluate("place => place.closest('details') !== null && !place.closest('details').open"):
        page.locator("summary").click()
    if option.type == "bool":
        place.get_by_role("checkbox").check()
    elif option.type in ("word", "page", "float or word"):
        select = place.get_by_role("combobox").first
        values = select.evaluate("select => [...select.options].map(option => option.value)")
        select.select_option(next(value for value in values[1:] if value != select.input_value()))
    elif option.type == "box":
        for field, value in zip(place.get_by_role("spinbutton").all(), (10, 10, 120, 80)):
            field.fill(str(value))
        place.get_by_role("spinbutton").last.blur()
    elif option.name == "seed":
        place.get_by_role("spinbutton").fill("7")
        place.get_by_role("spinbutton").blur()
    else:
        slider = place.get_by_role("slider").first
        slider.focus()
        slider.press("ArrowRight" if option.name != "max_pixels" else "End")
    return word


@pytest.mark.parametrize("style", recipes.STYLES)
def test_every_control_of_every_style(tab, style):
    tab.get_by_role("radio", name=style, exact=True).check(force=True)
    density(tab, 0.1)
    skipped = {"mask", "nodes", "size", "block_size"}  # the mask is painted; the others do not go with what is changed
    if style == "lowpoly":
        skipped.add("strokes_only")  # nothing would be left
    changed = [change(tab, option) for option in recipes.options(style) if option.name not in skipped]
    drawn_with(tab, f"--style {style}", *changed)
    expect(tab.locator("#controls .changed")).to_have_count(len(changed))
    tab.get_by_role("button", name="Back to the defaults").click()
    expect(tab.locator("#controls .changed")).to_have_count(0)
    if "threshold" in recipes.defaults(style):
        density(tab, 0.1)
        control(tab, "threshold").get_by_role("combobox").select_option("sauvola")
        drawn_with(tab, change(tab, recipes.TABLE["block_size"]))
        control(tab, "threshold").get_by_role("combobox").select_option("a number")
        drawn_with(tab, "--threshold 0.5")


def test_a_photo_that_is_dropped_or_chosen(tab, photo):
    drop(tab, photo, "dropped.png")
    drawn_with(tab, "draw dropped.png")
    expect(tab).to_have_title("dropped.png – gng_fast studio")
    tab.locator("#file").set_input_files({"name": "a b.png", "mimeType": "image/png", "buffer": photo})
    drawn_with(tab, "draw 'a b.png'")
    tab.get_by_label("Pictures that are here already").select_option("horse")
    drawn_with(tab, "draw horse")


def test_undo_goes_back_to_the_picture_before(tab, photo):
    undo, redo = tab.get_by_role("button", name="Undo"), tab.get_by_role("button", name="Redo")
    expect(undo).to_be_disabled()
    density(tab, 0.1)
    for field, value in zip(control(tab, "crop").get_by_role("spinbutton").all(), (10, 10, 100, 80)):
        field.fill(str(value))
    field.blur()
    drawn_with(tab, "--crop 10,10,100,80")
    drop(tab, photo, "second.png")
    drawn_with(tab, "draw second.png", "--detail 0.1")
    expect(tab.locator("#command")).not_to_contain_text("--crop")
    tab.get_by_label("Pictures that are here already").select_option("horse")
    drawn_with(tab, "draw horse")
    drop(tab, photo[:100], "half.png")
    expect(tab.locator("#said")).to_contain_text("half.png is truncated or damaged")
    density(tab, 0.2)
    drawn_with(tab, "draw horse", "--detail 0.2")
    undo.click()
    drawn_with(tab, "draw horse", "--detail 0.1")
    expect(tab.get_by_label("Pictures that are here already")).to_have_value("horse")
    undo.click()
    drawn_with(tab, "draw second.png", "--detail 0.1")
    expect(tab).to_have_title("second.png – gng_fast studio")
    undo.click()
    drawn_with(tab, "draw ring.png", "--detail 0.1", "--crop 10,10,100,80")
    for _ in range(2):  # without waiting for the picture in between
        redo.click()
    drawn_with(tab, "draw horse", "--detail 0.1")
    for _ in range(4):
        undo.click()
    drawn_with(tab, "draw ring.png")
    expect(tab.locator("#command")).not_to_contain_text("--detail")
    expect(undo).to_be_disabled()


def test_ink_is_shown_while_a_slider_moves_and_then_the_drawing_grows(tab):
    inks, frames, drawings = (measured(tab, name) for name in ("ink", "first frame", "drawing"))
    before = tab.locator("#canvas").screenshot()
    slider = control(tab, "offset").get_by_role("slider")
    slider.focus()
    for _ in range(6):
        slider.press("ArrowRight")
        tab.wait_for_timeout(60)
    drawn_with(tab, "--offset 0.06")
    assert measured(tab, "ink") > inks + 1 and measured(tab, "drawing") > drawings
    assert measured(tab, "first frame") > frames
    assert tab.locator("#canvas").screenshot() != before


def test_a_new_setting_stops_the_drawing(tab):
    tab.get_by_role("radio", name="tone", exact=True).check(force=True)
    density(tab, 5)
    expect(tab.locator("#status")).to_have_text(re.compile(r"^\d+ nodes"))
    tab.get_by_role("radio", name="shape", exact=True).check(force=True)
    density(tab, 0.1)
    drawn_with(tab, "--style shape", "--detail 0.1")
    assert measured(tab, "stopped") > 0


def test_stop_and_start_again(tab):
    tab.get_by_role("radio", name="tone", exact=True).check(force=True)
    density(tab, 20)
    tab.get_by_role("button", name="Stop").click(timeout=30_000)
    expect(tab.locator("#status")).to_have_text("stopped")
    tab.get_by_role("button", name="Undo").click()
    drawn_with(tab, "--style tone")
    expect(tab.locator("#command")).not_to_contain_text("--detail")


def test_mask_crop_and_files_are_those_of_the_command_line(tab, photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tab.get_by_role("button", name="Mask").click()
    box = tab.locator("#canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.mouse.move(x - 150, y - 60)
    tab.mouse.down()
    tab.mouse.move(x - 100, y + 60, steps=8)
    tab.mouse.up()
    drawn_with(tab, "--mask mask.png")
    tab.get_by_role("button", name="Crop").click()
    tab.mouse.move(x - 200, y - 150)
    tab.mouse.down()
    tab.mouse.move(x + 150, y + 150, steps=4)
    tab.mouse.up()
    drawn_with(tab, "--crop")
    tab.get_by_role("button", name="Done").click()
    (tmp_path / "ring.png").write_bytes(photo)
    name, mask = saved(tab, tab.get_by_role("button", name="Save mask.png"))
    assert name == "mask.png"
    (tmp_path / name).write_bytes(mask)
    painted = np.asarray(Image.open(io.BytesIO(mask)).convert("L"))
    assert 0.005 < (painted < 128).mean() < 0.5
    command = tab.locator("#command").text_content()
    for ending in (".svg", ".png", ".json", ".graphml", ".gml", ".npz"):
        name, data = saved(tab, tab.locator(f'[data-ending="{ending}"]'))
        assert name == f"ring{ending}"
        assert cli.main([*shlex.split(command.replace("ring.svg", f"copy{ending}"))[1:], "-q"]) == 0
        assert (tmp_path / f"copy{ending}").read_bytes() == data
    tab.locator("#pixels").fill("60")
    for ending, start in (".gif", b"GIF89a"), (".html", b"<!DOCTYPE html>"):
        name, data = saved(tab, tab.locator(f'[data-ending="{ending}"]'))
        assert name == f"ring{ending}" and data.startswith(start)
    for _ in range(2):
        tab.get_by_role("button", name="Undo").click()
    expect(tab.locator("#command")).to_have_text("gng-fast draw ring.png --style mesh --seed 0 -o ring.svg")
    tab.get_by_role("button", name="Redo").click()
    drawn_with(tab, "--mask mask.png")


def test_the_mask_is_painted_by_keys(tab):
    tab.keyboard.press("m")
    canvas = tab.get_by_role("application", name=re.compile("^Mask: arrows move the brush"))
    expect(canvas).to_be_focused()
    bare = canvas.screenshot()
    tab.keyboard.press("ArrowRight")
    expect(tab.locator("#spoken")).to_have_text("52 % from the left, 50 % from the top")
    tab.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert canvas.screenshot() != bare  # the brush is seen
    for key, size in ("+", 9), ("+", 10), ("-", 9):
        tab.keyboard.press(key)
        expect(tab.locator("#brush")).to_have_value(str(size))
        expect(tab.locator("#spoken")).to_have_text(f"brush of {size} %")
    tab.keyboard.down(" ")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Shift+ArrowRight")
    expect(tab.locator("#spoken")).to_have_text("painting, 52 % from the left, 53 % from the top")
    tab.keyboard.up(" ")
    drawn_with(tab, "--mask mask.png")
    small = left_out(tab)
    assert 0 < small.mean() < 0.03 and small[53, 78] and not small[53, 60]
    tab.keyboard.press("Enter")
    for _ in range(12):
        tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("Enter")
    expect(tab.locator("#spoken")).to_have_text(re.compile("^painted, "))
    drawn_with(tab, "--mask mask.png")
    wide = left_out(tab)
    assert wide[53, 60] and wide.mean() > 2 * small.mean()
    tab.keyboard.press("Control+z")
    tab.keyboard.press("Control+z")
    expect(tab.get_by_role("button", name="Save mask.png")).to_be_hidden()
    tab.keyboard.press("Escape")
    expect(tab.locator("#canvas")).to_have_attribute("role", "img")


def left_out(page):
    """Where the mask is painted."""
    mask = saved(page, page.get_by_role("button", name="Save mask.png"))[1]
    page.locator("#canvas").focus()
    return np.asarray(Image.open(io.BytesIO(mask)).convert("L")) < 128


@pytest.mark.parametrize("preset", recipes.PRESETS)
def test_presets(tab, preset):
    tab.get_by_label("Preset").select_option(preset)
    options = recipes.PRESETS[preset][1]
    drawn_with(tab, *(f"--{name}" for name in options))
    expect(tab.get_by_role("radio", name=options["style"], exact=True)).to_be_checked()


def test_words_and_handwriting(tab):
    tab.get_by_label("Pictures that are here already").select_option("page")
    drawn_with(tab, "draw page")
    for field, value in zip(control(tab, "crop").get_by_role("spinbutton").all(), (0, 0, 384, 60)):
        field.fill(str(value))
        field.blur()
    tab.get_by_role("radio", name="Words").check(force=True)
    drawn_with(tab, "gng-fast words page", "--crop 0,0,384,60")
    assert tab.locator("#figures").inner_text().startswith("Words")
    expect(tab.locator('[data-ending=".gif"]')).to_be_disabled()
    tab.get_by_role("radio", name="Handwriting").check(force=True)
    drawn_with(tab, "gng-fast strokes page")


def test_keys(tab):
    tab.locator("#canvas").focus()
    before = tab.locator("#canvas").screenshot()
    for key in ("+", "ArrowLeft"):
        tab.keyboard.press(key)
        tab.wait_for_timeout(100)
        after = tab.locator("#canvas").screenshot()
        assert after != before
        before = after
    tab.keyboard.press("0")
    for key, view in ("1", "Picture"), ("2", "Ink"), ("3", "Drawing"):
        tab.keyboard.press(key)
        expect(tab.locator("#views").get_by_role("radio", name=view)).to_be_checked()
    tab.keyboard.press("c")
    expect(tab.get_by_role("button", name="Crop")).to_have_attribute("aria-pressed", "true")
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("button", name="Crop")).to_have_attribute("aria-pressed", "false")
    tab.keyboard.press("r")
    expect(tab.get_by_role("button", name="Undo")).to_be_enabled()
    tab.keyboard.press("Control+z")
    drawn_with(tab, "--seed 0")
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog")).to_be_hidden()


def test_what_goes_wrong_is_said(tab, photo):
    drop(tab, photo[:100], "half.png")
    expect(tab.locator("#said")).to_contain_text("half.png is truncated or damaged")
    drop(tab, photo)
    control(tab, "threshold").get_by_role("combobox").select_option("a number")
    slider = control(tab, "threshold").get_by_role("slider")
    slider.focus()
    slider.press("Home")
    expect(tab.locator("#said")).to_contain_text("No dark pixels")


@pytest.mark.parametrize(
    "typed, said",
    [
        ("abc", "Density must be a number, got abc"),
        ("1e400", "Density must be a number, got 1e400"),
        ("0.5, 2", "Density must be a number, got 0.5, 2"),
        ("-5", "Density must be in (0, 100], got -5.0"),
    ],
)
def test_what_is_typed_into_a_field_of_a_number(tab, typed, said):
    field = control(tab, "detail").get_by_role("textbox")
    density(tab, typed)
    expect(tab.locator("#said")).to_have_text(said)
    expect(field).to_have_value("-5" if typed == "-5" else "1")
    if typed == "-5":  # the drawing before is not told of any more
        expect(tab.locator("#figures")).to_have_text("Drawingnone yet")
        expect(tab.locator("#command")).to_be_empty()
        expect(tab.locator('[data-ending=".svg"]')).to_be_disabled()
    density(tab, "0,2")
    drawn_with(tab, "--detail 0.2")
    expect(tab.locator("#said")).to_be_empty()
    expect(field).to_have_value("0.2")


def test_odd_sizes_of_files(tab):
    for typed in ("-5", "1.5", "1e9"):
        tab.locator("#pixels").fill(typed)
        tab.locator('[data-ending=".png"]').click()
        expect(tab.locator("#said")).to_have_text("The longer side must be a whole number of pixels from 16 to 20000")
        expect(tab.locator('[data-ending=".png"]')).to_be_enabled()
    tab.locator("#pixels").fill("50")
    _, data = saved(tab, tab.locator('[data-ending=".png"]'))
    assert max(Image.open(io.BytesIO(data)).size) == 50
    expect(tab.locator("#said")).to_be_empty()


def test_a_warning_of_a_thumbnail_is_not_that_of_the_drawing(tab):
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((50, 60), "u1")).save(buffer, "PNG")
    drop(tab, buffer.getvalue(), "black.png")
    expect(tab.locator('#styles [data-style="cmyk"] img')).to_be_visible()
    expect(tab.locator("#said")).to_contain_text("The picture is all black")
    expect(tab.locator("#command")).to_be_empty()


def test_nothing_is_wider_than_the_screen_and_axe_finds_nothing_serious(browser, program, photo):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    shots = os.environ.get("GNG_FAST_SCREENSHOTS")
    for width, scheme in [(width, scheme) for width in (390, 1280, 2560) for scheme in ("light", "dark")]:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        page.goto(program.url)
        drawn_with(page, "ring.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if shots:
            page.screenshot(path=Path(shots) / f"{width}-{scheme}.png", full_page=True)
        page.locator("summary").click()
        page.get_by_role("button", name="Mask").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert serious(axe.run(page)) == []
        if width == 1280:
            page.get_by_role("button", name="Keys").click()
            assert serious(axe.run(page)) == []
        context.close()


def serious(found):
    return [
        (each["id"], [node["html"] for node in each["nodes"]])
        for each in found.response["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def test_the_page_says_when_the_studio_has_gone(browser, start, tmp_path):
    program = start("horse", cwd=tmp_path)
    page = browser.new_page()
    page.goto(program.url)
    drawn_with(page, "draw horse")
    expect(page.get_by_role("alert")).to_be_hidden()
    program.stop()
    expect(page.get_by_role("alert")).to_have_text(re.compile("^The studio has ended"))
    page.close()
