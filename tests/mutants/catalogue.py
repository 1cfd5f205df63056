"""The faults that somebody could make in a hurry, one line each, and the tests that must not let them pass."""

from __future__ import annotations

from typing import Final, NamedTuple


class Mutant(NamedTuple):
    """`old` stands once in `file` and becomes `new`; `tests` (paths for pytest) must then fail. `slug` is its name."""

    slug: str
    file: str
    old: str
    new: str
    tests: str


MUTANTS: Final = (
    # -- competitors ---------------------------------------------------------------------------------------------------
    Mutant(
        "rows-of-everybody",
        "partnership/querysets.py",
        'self.filter(id__in=self.model._default_manager.filter(self.visible(organisations_of(user))).values("id"))',
        "self.all()",
        "tests/portal/test_competitor.py",
    ),
    Mutant(
        "api-rows-of-everybody",
        "partnership/api/actions.py",
        "Action.objects.visible_to(self.actor)",
        "Action.objects.all()",
        "tests/api/test_rights.py",
    ),
    Mutant(
        "api-without-scope",
        "core/api/permissions.py",
        "        if needed in scopes:\n",
        "        if scopes or needed:\n",
        "tests/api/test_rights.py",
    ),
    Mutant(
        "files-of-everybody",
        "partnership/views/documents.py",
        'rows = Document.objects.visible_to(cast("User", request.user))',
        "rows = Document.objects",
        "tests/portal/test_competitor.py",
    ),
    Mutant(
        "reports-of-everybody",
        "core/jobs.py",
        "    row: Job = Job.objects.visible_to(by).get(pk=job)\n",
        "    row: Job = Job.objects.get(pk=job)\n",
        "tests/core/test_jobs.py",
    ),
    Mutant(
        "hidden-is-forbidden",
        "core/doors.py",
        "    except (ObjectDoesNotExist, ValueError) as error:\n        raise Http404 from error\n",
        "    except (ObjectDoesNotExist, ValueError) as error:\n        raise PermissionDenied from error\n",
        "tests/portal/test_competitor.py",
    ),
    # -- the second wall -----------------------------------------------------------------------------------------------
    Mutant(
        "a-table-without-a-rule",
        "partnership/policies.py",
        'Rule("partnership.Action", f"organisation_id = {MINE} OR convention_id = {THEIRS}")',
        'Rule("partnership.Action", "true")',
        "tests/portal/test_second_wall.py tests/partnership/test_wall.py",
    ),
    Mutant(
        "the-reader-stays-on-the-connection",
        "core/wall/context.py",
        'f"SET LOCAL ROLE {self.role};SET LOCAL wall.account=',
        'f"SET ROLE {self.role};SET LOCAL wall.account=',
        "tests/core/test_wall.py",
    ),
    Mutant(
        "a-request-reads-as-the-portal",
        "core/middleware.py",
        "with wall.behind(wall.NOBODY):",
        "with wall.behind(wall.SYSTEM):",
        "tests/core/test_wall.py",
    ),
    # -- nothing is true because its owner says so ---------------------------------------------------------------------
    Mutant(
        "confirms-its-own-delivery",
        "partnership/permissions/ledger.py",
        "if is_system(user) or not acts_for(user, commitment.beneficiary.organisation_id):",
        "if is_system(user):",
        "tests/partnership/test_commitments.py tests/partnership/test_states.py",
    ),
    Mutant(
        "any-transition",
        "core/states.py",
        "    if to not in table.get(current, frozenset()) or (sources is not None and current not in sources):\n",
        "    if to not in table:\n",
        "tests/partnership/test_states.py",
    ),
    # -- two at once ---------------------------------------------------------------------------------------------------
    Mutant(
        "no-lock",
        "core/states.py",
        'queryset.select_for_update(of=("self",), no_key=True).get(pk=pk)',
        "queryset.get(pk=pk)",
        "tests/partnership/test_races.py",
    ),
    Mutant(
        "older-version-overwrites",
        "core/states.py",
        "    if version is not None and version != row.updated_at:\n",
        "    if version is not None and version > row.updated_at:\n",
        "tests/api/test_writes.py tests/partnership/test_pages_changes.py",
    ),
    Mutant(
        "a-page-sent-twice-writes-twice",
        "core/once.py",
        "        if claim(principal, key, content):\n",
        "        if claim(principal, key, content) or key:\n",
        "tests/portal/test_twice.py",
    ),
    # -- nothing due is forgotten, nothing is said twice ---------------------------------------------------------------
    Mutant(
        "sent-before-sending",
        "core/mail/outbox.py",
        "        letter.hand_over(connection)\n",
        "        _note_sent(fresh, letter)\n        letter.hand_over(connection)\n",
        "tests/core/test_outbox.py",
    ),
    Mutant(
        "claims-what-others-claimed",
        "core/mail/outbox.py",
        "Q(status=MailStatus.SENDING, lease_until__lt=now)",
        "Q(status=MailStatus.SENDING)",
        "tests/core/test_outbox.py",
    ),
    Mutant(
        "bells-pile-up",
        "core/queue.py",
        ", expires=LASTS_SECONDS",
        "",
        "tests/core/test_queue.py",
    ),
    Mutant(
        "an-outage-is-forgotten",
        "core/reminders.py",
        "min(today, clock.civil_date(last[_name(kind)])) if _name(kind) in last else today for kind in every}\n",
        "today if _name(kind) in last else today for kind in every}\n",
        "tests/core/test_reminders.py",
    ),
    Mutant(
        "a-late-twin-finishes-the-job",
        "core/jobs.py",
        "filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts).first()\n",
        "filter(pk=job.pk).first()\n",
        "tests/core/test_job_workers.py tests/core/test_jobs.py",
    ),
    # -- doors ---------------------------------------------------------------------------------------------------------
    Mutant(
        "staff-without-second-factor",
        "accounts/middleware.py",
        "        if not (user.is_authenticated and user.is_staff) or passed_second_factor(request):\n",
        "        if not (user.is_authenticated and user.is_staff) or passed_second_factor(request) or user.is_staff:\n",
        "tests/accounts/test_second_factor.py",
    ),
    Mutant(
        "open-to-anybody",
        "accounts/middleware.py",
        "        if request.user.is_authenticated or is_api(view) or is_public(view, match.view_name if match else None):\n",
        "        if match or is_api(view) or is_public(view, match.view_name if match else None):\n",
        "tests/architecture/test_every_address.py -k anonymous",
    ),
    Mutant(
        "guesses-without-limit",
        "config/settings.py",
        '    "login_failed": "10/5m/key,30/m/ip",\n',
        '    "login_failed": "1000/5m/key,3000/m/ip",\n',
        "tests/accounts/test_sign_in.py",
    ),
    Mutant(
        "without-content-policy",
        "config/settings.py",
        '    "csp.middleware.CSPMiddleware",\n',
        "",
        "tests/architecture/test_every_address.py -k anonymous",
    ),
    Mutant(
        "a-file-runs-in-the-browser",
        "core/files.py",
        "content_disposition_header(True, clean_name(filename)",
        "content_disposition_header(False, clean_name(filename)",
        "tests/core/test_files.py",
    ),
    Mutant(
        "bombs-are-welcome",
        "core/archives.py",
        "    if len(entries) > MAX_ENTRIES or unpacked > limit or swollen:\n",
        "    if len(entries) > MAX_ENTRIES:\n",
        "tests/core/test_files.py",
    ),
    Mutant(
        "formulas-in-exports",
        "core/csvfile.py",
        """    return f"'{text}" if visible and visible[0] in LIVE else text\n""",
        """    return f"'{text}" if visible and visible[0] == "=" else text\n""",
        "tests/core/test_reports.py",
    ),
    # -- the front door ------------------------------------------------------------------------------------------------
    Mutant(
        "nobody-is-asked-again",
        "accounts/middleware.py",
        "        if not proved_recently(request):\n",
        "        if False:\n",
        "tests/accounts/test_step_up.py",
    ),
    Mutant(
        "a-lost-role-keeps-its-session",
        "partnership/services/people.py",
        "        end_sessions_of(user=mandate.person.user_id, by=by)\n",
        "        pass\n",
        "tests/partnership/test_mandate_sessions.py",
    ),
    Mutant(
        "leaked-passwords-are-welcome",
        "accounts/passwords.py",
        "        if is_breached(password):\n",
        "        if is_breached(password) and len(password) < 8:\n",
        "tests/accounts/test_passwords.py",
    ),
    # -- time ----------------------------------------------------------------------------------------------------------
    Mutant(
        "today-is-greenwichs",
        "core/clock.py",
        "    return now().astimezone(CASABLANCA).date()\n",
        "    return now().date()\n",
        "tests/core/test_clock.py tests/partnership/test_ledger.py tests/core/test_reminders.py",
    ),
)
