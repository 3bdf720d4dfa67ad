"""Tokens of the REST API from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from stripeflow.actions.naming import with_close
from stripeflow.workflows import conf
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.credentials import tokens
from stripeflow.workflows.credentials.token_lifetime import MAX_DAYS, end_of
from stripeflow.workflows.models import ApiToken
from stripeflow.workflows.models.api_token import TokenState
from stripeflow.workflows.models.token_scope import Scope


class Command(BaseCommand):
    help = "Creates, lists and revokes tokens of the REST API. A token is printed once, when it is created."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        create = commands.add_parser("create", help="Create a token, and print it.")
        create.add_argument("username", help="The user whose permissions the token has.")
        create.add_argument("--name", required=True, help="What the token is for.")
        create.add_argument(
            "--scopes",
            nargs="+",
            choices=Scope.values,
            default=[Scope.READ.value],
            help="What it may be used for, of what its user may do; without it, for reading.",
        )
        days = conf.get("TOKEN_DAYS")
        ends = create.add_mutually_exclusive_group()
        ends.add_argument("--days", type=int, help=f"Days until it expires; {days} without it.")
        ends.add_argument(
            "--never-expires", action="store_true", help="Make one that works until it is revoked."
        )
        listing = commands.add_parser("list", help="List the tokens.")
        listing.add_argument("--username", help="Only those of this user.")
        revoke = commands.add_parser("revoke", help="End a token now.")
        revoke.add_argument("id", type=int, help="The number that `list` shows.")

    def handle(self, *args: Any, **options: Any) -> None:
        {"create": self._create, "list": self._list, "revoke": self._revoke}[options["command"]](options)

    def _create(self, options: dict[str, Any]) -> None:
        days = options["days"]
        if days is not None and not 0 < days <= MAX_DAYS:
            raise CommandError(f"--days has to be a number from 1 to {MAX_DAYS}.")
        token = ApiToken(user=_user(options["username"]), name=options["name"][:100])
        token.granted = options["scopes"]
        token.expires_at = None if options["never_expires"] else end_of(days=days)
        secret = tokens.make(token, Act.by(self))
        self.stderr.write("Keep this token: it is not shown again.")
        self.stdout.write(secret)

    def _list(self, options: dict[str, Any]) -> None:
        found = ApiToken.objects.select_related("user")
        if options["username"]:
            found = found.filter(user=_user(options["username"]))
        for token in found:
            self.stdout.write(_line(token))

    def _revoke(self, options: dict[str, Any]) -> None:
        found = ApiToken.objects.filter(pk=options["id"])
        if not found.exists():
            raise CommandError(f"There is no token {options['id']}.")
        if not tokens.revoke(found, Act.by(self)):
            raise CommandError(f"The token {options['id']} is revoked already.")
        self.stdout.write(f"The token {options['id']} is revoked.")


def _user(username: str) -> Any:
    users = get_user_model()
    try:
        return users._default_manager.get_by_natural_key(username)
    except users.DoesNotExist as error:
        known = users._default_manager.filter(is_active=True).values_list(users.USERNAME_FIELD, flat=True)
        raise CommandError(with_close(f"There is no user “{username}”.", username, known[:1000])) from error


def _line(token: ApiToken) -> str:
    scopes = token.scopes.replace(" ", ",") or "no scope"
    return "\t".join((str(token.pk), token.user.get_username(), str(token), scopes, _state(token)))


def _state(token: ApiToken) -> str:
    state = token.state()
    if state is TokenState.REVOKED:
        return f"revoked {token.revoked_at:%Y-%m-%d}"
    if state is TokenState.EXPIRED:
        return f"expired {token.expires_at:%Y-%m-%d}"
    if state is not TokenState.VALID:
        return f"void: {state.label}"
    ends = f"expires {token.expires_at:%Y-%m-%d}" if token.expires_at else "NEVER EXPIRES"
    return f"last used: {_use(token)}, {ends}"


def _use(token: ApiToken) -> str:
    if token.last_used_at is None:
        return "never"
    where = f" from {token.last_used_from}" if token.last_used_from else ""
    return f"{token.last_used_at:%Y-%m-%d %H:%M} UTC{where}"
