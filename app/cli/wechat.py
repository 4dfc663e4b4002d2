"""`flask wechat menu`: publishes the official account's menu, made of our own pages."""

from collections.abc import Mapping
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app import wechat_menu
from app.partners import partners
from app.wording import clerk_words
from services.core.errors import DomainError

group = AppGroup("wechat", help="The official account.")


@group.command()
@click.option("--dry-run", is_flag=True, help="Only show it.")
def menu(dry_run: bool) -> None:
    """Publish the menu of the official account, and print what stands there then."""
    buttons = wechat_menu.menu(current_app.config["SETTINGS"].public_url)
    if faults := wechat_menu.faults(buttons):
        raise click.ClickException("the platform would refuse this menu: " + "; ".join(faults))
    if not dry_run:
        _publish(buttons)
    for button in buttons:
        click.echo(_line(button))
        for entry in button.get("sub_button", ()):
            click.echo(f"  {_line(entry)}")


def _publish(buttons: list[dict[str, Any]]) -> None:
    account = partners().official_account
    if account is None:
        raise click.UsageError("The official account is not set up: set WECHAT_OA_APPID and WECHAT_OA_SECRET.")
    if not current_app.config["SETTINGS"].public_url.startswith("https://"):
        raise click.UsageError("PUBLIC_URL must be https: the menu's buttons open it on members' phones.")
    try:
        account.publish_menu(buttons)
    except DomainError as error:
        raise click.ClickException(clerk_words(error.code, dict(error.facts), language="en")) from None
    click.echo("Published. Phones show it within a day; whoever follows anew sees it at once.")


def _line(button: Mapping[str, Any]) -> str:
    return "  ".join(str(part) for part in (button["name"], button.get("url") or button.get("key")) if part)
