"""The help of a command, its options in the groups in which ``Settings`` declares them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from typer.core import TyperCommand

from pipeline.settings import Group, Settings, option_of

HEADINGS: dict[Group | None, str] = {
    None: "Options",
    "output": "Output",
    "episode": "The episode",
    "networks": "Recognition",
    "voices": "Speakers",
    "ads": "Ads",
    "models": "Language models",
    "machine": "Running",
    "always": "Messages",
}
"""In the order in which they are shown; None: the command's own options."""


class GroupedCommand(TyperCommand):
    """A command whose help lists its options by subject instead of in one run."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and each group of options, with one width for all."""
        groups = {one.name: option_of(one).group for one in fields(Settings)}
        listed: dict[str, list[tuple[str, str]]] = {"Arguments": [], **{heading: [] for heading in HEADINGS.values()}}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is None:
                continue
            if parameter.param_type_name == "argument":
                heading = "Arguments"
            elif parameter.name == "help":
                heading = HEADINGS["always"]
            else:
                heading = HEADINGS[groups.get(str(parameter.name))]
            listed[heading].append(record)
        for heading, records in listed.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)
