"""What the front door and the cellar hold about people: their processings, where they lie, how long they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from core.privacy.register import ADDRESS, BLANK, DELETED, EXPIRED, KEPT, LABEL, Holding, Processing, RetentionClass

if TYPE_CHECKING:
    from collections.abc import Sequence

CONTROLLER: Final = _("Moroccan National Tourist Office (ONMT)")
NO_TRANSFER: Final = _("None: the portal calls no service abroad. Hosting it abroad would first need the authorisation of the CNDP.")

PROCESSINGS: Final[Sequence[Processing]] = (
    Processing(
        slug="accounts",
        title=_("Accounts and sign-in"),
        controller=CONTROLLER,
        purpose=_("Let the people invited sign in, and protect their accounts."),
        basis=_("Performance of the partnership convention, and the controller's legitimate interest in the security of the portal."),
        people=_("Staff of ONMT, and people who act for an organisation of the partnership."),
        data=_("Name, professional e-mail address, language, roles, last sign-in, second factors, devices with their network address."),
        recipients=_("The accounts managers of ONMT; the administrators of the person's organisation for the name, address and role."),
        transfer=NO_TRANSFER,
        security=_(
            "Passwords hashed, second factors sealed and compulsory for staff, sessions that end by themselves, every change audited."
        ),
        retention=("account", "session"),
    ),
    Processing(
        slug="messages",
        title=_("Mails, notifications and reminders"),
        controller=CONTROLLER,
        purpose=_("Tell each person what is awaited of them, and prove that a mail has left."),
        basis=_("Performance of the partnership convention."),
        people=_("Holders of an account, and people invited."),
        data=_("E-mail address, language, subject and text of the messages, instants of sending and reading, preferences."),
        recipients=_("The person alone; the staff who run the portal see the mails that failed."),
        transfer=NO_TRANSFER,
        security=_("Texts that hold a one-time link are erased as soon as they have left; the others after ninety days."),
        retention=("mail", "notification", "preference"),
    ),
    Processing(
        slug="work",
        title=_("Reports and exports"),
        controller=CONTROLLER,
        purpose=_("Make the reports and the exports that people ask for, and give each file to nobody else."),
        basis=_("Performance of the partnership convention."),
        people=_("Holders of an account."),
        data=_("Who asked for which file, when, and the file."),
        recipients=_("Whoever asked, and those the file was made for."),
        transfer=NO_TRANSFER,
        security=_("A file opens only for those who may still see what it shows, and is deleted at its date."),
        retention=("job",),
    ),
    Processing(
        slug="trail",
        title=_("Audit trail"),
        controller=CONTROLLER,
        purpose=_("Know who did what, when and why: without it no figure of the partnership could be trusted."),
        basis=_("Legal duty of a public establishment to account for its acts; legitimate interest in security."),
        people=_("Everybody who acts in the portal."),
        data=_("The author's name, the reason written, the values before and after."),
        recipients=_("The staff of ONMT; the parties for what concerns them."),
        transfer=NO_TRANSFER,
        security=_("The database refuses to change or delete it; an erasure replaces names by a label and changes nothing else."),
        retention=("trail",),
    ),
    Processing(
        slug="rights",
        title=_("Requests about personal data"),
        controller=CONTROLLER,
        purpose=_("Answer the people who use their rights, and be able to show it."),
        basis=_("Legal duty (law 09-08)."),
        people=_("Holders of an account who made a request."),
        data=_("What was asked, the answer, who gave it and when."),
        recipients=_("The accounts managers and the auditors of ONMT; the CNDP if it asks."),
        transfer=NO_TRANSFER,
        security=_("Every step audited."),
        retention=("rights",),
    ),
)

RETENTION: Final[Sequence[RetentionClass]] = (
    RetentionClass(
        "account",
        _("Account"),
        _("While the account is open, then one year; after that it is made anonymous."),
        ("closed-accounts",),
    ),
    RetentionClass("session", _("Sessions and devices"), _("Until the session ends; the device leaves the list with it."), ("expired",)),
    RetentionClass(
        "mail", _("Mails"), _("Their text ninety days after they have left, the mention that they left two years."), ("mail-texts", "mails")
    ),
    RetentionClass(
        "notification",
        _("Notifications and reminders"),
        _("One year once read, two years unread; which reminder was sent, three years."),
        ("notifications", "notifications-unread", "reminders"),
    ),
    RetentionClass("preference", _("Preferences"), _("As long as the account.")),
    RetentionClass(
        "job",
        _("Files of reports and exports"),
        _("A report thirty days, one's own data three days; who asked, one year."),
        ("job-files", "import-files", "jobs"),
    ),
    RetentionClass(
        "trail",
        _("Audit trail"),
        _("As long as what it proves; when a person's data are erased, a label takes the place of the name."),
    ),
    RetentionClass("rights", _("Requests"), _("As long as the account; their words are emptied when the person's data are erased.")),
    RetentionClass(
        "technical", _("Technical traces"), _("A day for the answers of the API, ninety days for expired links."), ("api-calls", "links")
    ),
)

_SECRET: Final = _("It is what protects the account: given out, it would protect nothing.")
_AUTHOR: Final = _("What was done keeps its author, under the label that takes the place of the name.")

HOLDINGS: Final[Sequence[Holding]] = (
    Holding(
        "accounts.User",
        "accounts",
        "account",
        account=("pk",),
        fields={"email": ADDRESS, "full_name": LABEL, "language": KEPT, "password": BLANK, "last_login": BLANK, "joined_at": KEPT},
        shown=("is_active", "is_staff"),
        withheld={"password": _SECRET},
        why=_("The row stays, closed and without a name, because acts of the partnership point to it."),
    ),
    Holding(
        "accounts.User_groups", "accounts", "account", title=_("roles held"), account=("user",), fields={"user": DELETED}, shown=("group",)
    ),
    Holding(
        "accounts.User_user_permissions", "accounts", "account", title=_("permissions held"), account=("user",), fields={"user": DELETED}
    ),
    Holding(
        "account.EmailAddress",
        "accounts",
        "account",
        title=_("e-mail addresses"),
        account=("user",),
        fields={"user": DELETED, "email": DELETED},
    ),
    Holding(
        "mfa.Authenticator",
        "accounts",
        "account",
        title=_("second factors"),
        account=("user",),
        fields={"user": DELETED, "data": DELETED},
        shown=("type", "created_at", "last_used_at"),
        withheld={"data": _SECRET},
    ),
    Holding(
        "usersessions.UserSession",
        "accounts",
        "session",
        title=_("devices"),
        account=("user",),
        fields={"user": DELETED, "ip": DELETED, "user_agent": DELETED, "session_key": DELETED, "data": DELETED},
        shown=("created_at", "last_seen_at"),
        withheld={"session_key": _SECRET},
    ),
    Holding(
        "allauth_idp_oidc.Token",
        "accounts",
        "session",
        title=_("tokens of the API"),
        account=("user",),
        fields={"user": DELETED, "hash": DELETED},
        shown=("type", "created_at", "expires_at"),
        withheld={"hash": _SECRET},
    ),
    Holding(
        "allauth_idp_oidc.Client",
        "accounts",
        "account",
        title=_("partners' programs"),
        account=("owner",),
        fields={"owner": KEPT},
        shown=("name",),
        why=_AUTHOR,
    ),
    Holding(
        "admin.LogEntry",
        "trail",
        "trail",
        title=_("entries of the administration"),
        account=("user",),
        fields={"user": DELETED, "object_repr": DELETED},
    ),
    Holding(
        "core.OutboxMail",
        "messages",
        "mail",
        account=("recipient",),
        email=("to_email",),
        fields={"recipient": DELETED, "to_email": DELETED, "subject": DELETED, "body": DELETED},
        shown=("kind", "status", "created_at", "sent_at"),
        withheld={"body": _("It is in the mail you received; some hold one-time links.")},
    ),
    Holding(
        "core.OutboxMail", "messages", "mail", account=("resent_by",), fields={"resent_by": KEPT}, shown=("kind", "resent_at"), why=_AUTHOR
    ),
    Holding(
        "core.Notification",
        "messages",
        "notification",
        account=("recipient",),
        fields={"recipient": DELETED, "subject": DELETED, "body": DELETED},
        shown=("created_at", "read_at"),
    ),
    Holding(
        "core.ImportBatch",
        "work",
        "job",
        account=("requested_by",),
        fields={"requested_by": KEPT, "file": EXPIRED},
        shown=("kind", "state", "created_at", "filename"),
        withheld={"file": _("The file is the person's own; it is deleted thirty days after it was brought.")},
        why=_AUTHOR,
    ),
    Holding("core.ImportMapping", "work", "preference", account=("user",), fields={"user": DELETED}, shown=("kind", "headings")),
    Holding("core.Preference", "messages", "preference", account=("user",), fields={"user": DELETED}, shown=("kind", "delivery")),
    Holding("core.ReminderOccurrence", "messages", "notification", account=("recipient",), fields={"recipient": DELETED}, shown=("day",)),
    Holding(
        "core.Job",
        "work",
        "job",
        account=("requested_by",),
        fields={"requested_by": KEPT, "result": EXPIRED},
        shown=("kind", "state", "created_at", "filename", "expires_at"),
        withheld={"result": _("The file is downloaded from its own page while it is kept.")},
        why=_AUTHOR,
    ),
    Holding(
        "core.Job_recipients", "work", "job", title=_("files made for one"), account=("user",), fields={"user": DELETED}, shown=("job",)
    ),
    Holding(
        "core.PrivacyRequest",
        "rights",
        "rights",
        account=("user",),
        fields={"user": KEPT, "words": BLANK, "answer": LABEL},
        shown=("kind", "status", "created_at", "due_on", "closed_at"),
        why=_("That a request was answered in time is proved by its dates alone."),
    ),
    Holding(
        "core.PrivacyRequest", "rights", "rights", account=("handled_by",), fields={"handled_by": KEPT}, shown=("closed_at",), why=_AUTHOR
    ),
    Holding(
        "pghistory.Context",
        "trail",
        "trail",
        title=_("acts in the audit trail"),
        account=("metadata__actor",),
        fields={"metadata": LABEL},
        shown=("created_at",),
        why=_AUTHOR,
    ),
)
