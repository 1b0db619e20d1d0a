"""The layouts in which people keep transcripts, each as a printer of what was said: [(speaker, text), ...]."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

Said = Sequence[tuple[str, str]]
Layout = Callable[[Said], str]


def _clock(index: int, *, hours: bool = False) -> str:
    seconds = 7 * index
    return (
        f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        if hours
        else f"{seconds // 60}:{seconds % 60:02}"
    )


def _each(said: Said, form: str, between: str = "\n\n") -> str:
    return between.join(
        form.format(
            name=name, text=text, t=_clock(i), hms=_clock(i, hours=True), next=_clock(i + 1, hours=True), n=i + 1
        )
        for i, (name, text) in enumerate(said)
    )


def _layout(name: str, form: str, between: str = "\n\n", head: str = "") -> Layout:
    def layout(said: Said) -> str:
        return head + _each(said, form, between) + "\n"

    layout.__name__ = name
    return layout


def html_page(said: Said) -> str:
    inside = "".join(f"<p><strong>{html.escape(name)}:</strong> {html.escape(text)}</p>\n" for name, text in said)
    return f"<div class='t'>\n{inside}</div>"


def html_list(said: Said) -> str:
    return "<dl>" + "".join(f"<dt>{n}</dt><dd>{html.escape(t)}</dd>" for n, t in said) + "</dl>"


def markdown_table(said: Said) -> str:
    return "| Speaker | Text |\n|---|---|\n" + "\n".join(f"| {name} | {text} |" for name, text in said)


def whispers_screen(said: Said) -> str:
    return _each(said, "[{hms}.000 --> {next}.000]  {text}", "\n")


def plain(said: Said) -> str:
    return "\n".join(text for _, text in said)


NAMED: tuple[Layout, ...] = (
    _layout("colon", "{name}: {text}"),
    _layout("colon_each_line", "{name}: {text}", "\n"),
    _layout("colon_apart", "{name} : {text}"),
    _layout("colon_of_full_width", "{name}：{text}"),
    _layout("colon_and_role", "{name}, HOST: {text}"),
    _layout("colon_and_title", "{name}, PhD: {text}"),
    _layout("colon_and_pronouns", "{name} (she/her): {text}"),
    _layout("chevrons", ">> {name}: {text}", "\n"),
    _layout("bullets", "- {name}: {text}", "\n"),
    _layout("dots", "• {name}: {text}", "\n"),
    _layout("numbers", "{n}. {name}: {text}", "\n"),
    _layout("bold", "**{name}:** {text}"),
    _layout("bold_before_the_colon", "**{name}**: {text}"),
    _layout("bold_above", "**{name}**\n{text}"),
    _layout("italic", "*{name}:* {text}"),
    _layout("underlined", "__{name}:__ {text}"),
    _layout("headings", "### {name}\n{text}"),
    _layout("quoted", "> **{name}:** {text}"),
    _layout("clock_in_front", "[{hms}] {name}: {text}"),
    _layout("clock_in_front_each_line", "[{hms}] {name}: {text}", "\n"),
    _layout("bare_clock_in_front", "{hms} {name}: {text}", "\n"),
    _layout("range_in_front", "[{hms} - {next}] {name}: {text}", "\n"),
    _layout("seconds_in_front", "[{n}.0s -> {n}.5s] {name}: {text}", "\n"),
    _layout("clock_behind", "{name} ({t}): {text}"),
    _layout("clock_behind_the_colon", "{name}: [{hms}] {text}"),
    _layout("rev", "{name} ({hms}):\n{text}"),
    _layout("rev_today", "{name}: ({hms})\n{text}"),
    _layout("otter", "{name}  {t}  \n{text}  "),
    _layout("name_clock_text", "{name} ({hms}) {text}"),
    _layout("name_range_text", "{name} {hms} - {next}\n{text}"),
    _layout("clock_above", "{hms}\n{name}: {text}"),
    _layout("teams", "0:0:{n}.0 --> 0:0:{n}.5\n{name}\n{text}"),
    _layout("subrip", "{n}\n{hms},000 --> {next},000\n{name}: {text}"),
    _layout("webvtt", "{hms}.000 --> {next}.000\n<v {name}>{text}</v>", head="WEBVTT\n\n"),
    _layout("square", "[{name}] {text}"),
    _layout("square_and_colon", "[{name}]: {text}"),
    _layout("zoom", "[{name}] {hms}\n{text}"),
    _layout("dash", "{name} – {text}"),
    _layout("tab", "{name}\t{text}", "\n"),
    _layout("own_line", "{name}\n{text}"),
    _layout("own_line_of_capitals", "{name}\n\n{text}"),
    _layout("numbered_head", "{name}: {text}", head="The Title\n45:10\nAbout it.\n\n"),
    *(html_page, html_list, markdown_table),
)
UNNAMED: tuple[Layout, ...] = (whispers_screen, plain)
