"""The one table of options, of which the command line, pages and windows make their controls."""

import inspect

import click
import pytest

from gng_fast import recipes
from gng_fast.art.drawing import fit_page
from gng_fast.cli.draw import COMMAND
from gng_fast.cli.options import RecipeOption

pytestmark = pytest.mark.quick

TYPES = {"int", "float", "bool", "word", "float or word", "page", "picture", "pens", "box", "levels"}
NOT_VALUES = {"callback", "progress"}


def keywords(function):
    parameters = inspect.signature(function).parameters.values()
    return {each.name: each.default for each in parameters if each.kind is each.KEYWORD_ONLY}


@pytest.mark.parametrize("style", recipes.STYLES)
def test_every_keyword_is_an_option_with_the_default_of_the_signature(style):
    page = {name: inspect.signature(fit_page).parameters[name].default for name in ("size", "margin", "page")}
    expected = {**keywords(recipes.make), **keywords(recipes.STYLES[style]), **page}
    found = {option.name: option.default for option in recipes.options(style)}
    assert found == {name: value for name, value in expected.items() if name not in NOT_VALUES}
    assert list(found) == [name for name in recipes.TABLE if name in found]
    recipes.check_options(style, found)


@pytest.mark.parametrize("style", recipes.STYLES)
def test_an_option_says_what_its_values_are(style):
    for option in recipes.options(style):
        assert option.type in TYPES and option.help and option.group
        assert option.optional or option.default is not None or option.name == "invert"
        numbers = option.type in ("int", "float", "float or word", "pens", "levels")
        assert (option.range is not None) == numbers and (option.usual is not None) == numbers
        assert bool(option.choices) == (option.type in ("word", "float or word", "page"))
        if option.type == "word" or isinstance(option.default, str):
            assert option.default in option.choices
        elif isinstance(option.default, (int, float)) and option.range is not None:
            option.range.check(option.name, option.default)
            assert option.usual[0] <= option.default <= option.usual[1]
        if option.usual is not None:
            for end in option.usual:
                option.range.check(option.name, int(end) if option.range.integer else end)
            assert option.range.integer == (option.type == "int")


def test_the_type_of_a_pen_is_that_of_the_style():
    types = {
        style: next(o.type for o in recipes.options(style) if o.name == "pen")
        for style in recipes.STYLES
        if style != "lowpoly"
    }
    assert {style for style, its in types.items() if its == "pens"} == {"tone", "stipple", "cmyk"}
    assert set(types.values()) == {"pens", "float"}


def test_what_the_table_allows_is_what_the_recipes_allow():
    pytest.importorskip("PIL")
    for name, wrong in [
        ("detail", 0),
        ("blur", -1),
        ("block_size", 2),
        ("offset", 1.5),
        ("margin", -1),
        ("colours", 0),
    ]:
        style = "glow" if name == "colours" else "mesh"
        with pytest.raises(ValueError) as told:
            recipes.TABLE[name].range.check(name, wrong)
        with pytest.raises(ValueError, match=f"{name} must be in"):
            recipes.make("horse", style, **{name: wrong}, **({} if name == "detail" else {"nodes": 20}))
        assert str(told.value).startswith(f"{name} must be in")


def test_the_command_line_is_made_of_the_table():
    ours = [each.name for each in COMMAND.params if isinstance(each, RecipeOption)]
    assert sorted(ours) == sorted(recipes.TABLE)
    with click.Context(COMMAND) as context:
        said = {
            each.name: each.get_help_record(context)[1] for each in COMMAND.params if isinstance(each, RecipeOption)
        }
    assert all(said[name].startswith(option.help) for name, option in recipes.TABLE.items())


def test_a_style_that_is_none_is_refused():
    with pytest.raises(ValueError, match="style must be one of mesh, .* got 'nice'"):
        recipes.options("nice")
