"""Texts that only a library shows and whose translation there does not suit: listed here, our catalogues come first.

The months carry their Moroccan names in Arabic (نونبر, not نوفمبر). allauth's Arabic for « MFA » names a ministry.
phonenumber-field's Arabic lets the groups of a number change places.
Django's French and Arabic join « Add » and a noun without an article. The theme's own words are in `core/admin/unfold_strings.py`.
"""

from django.utils.translation import gettext_noop

MONTHS = (
    gettext_noop("January"),
    gettext_noop("February"),
    gettext_noop("March"),
    gettext_noop("April"),
    gettext_noop("May"),
    gettext_noop("June"),
    gettext_noop("July"),
    gettext_noop("August"),
    gettext_noop("September"),
    gettext_noop("October"),
    gettext_noop("November"),
    gettext_noop("December"),
)
SIGN_IN = (
    gettext_noop("MFA"),
    gettext_noop("Email"),
    gettext_noop("Email address"),
)
ADMINISTRATION = (
    gettext_noop("Add %s"),
    gettext_noop("Change %s"),
    gettext_noop("View %s"),
    gettext_noop("Select %s to change"),
    gettext_noop("Select %s to view"),
    gettext_noop("This item will be deleted."),
    gettext_noop("Click to cancel"),
)
PHONES = (
    gettext_noop("Enter a valid phone number (e.g. {example_number}) or a number with an international call prefix."),
    gettext_noop("Enter a valid phone number (e.g. {example_number})."),
)
