"""The organisation switch: for whom somebody with several mandates acts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from partnership.middleware import SESSION_KEY

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

OF_ONE_OBJECT = re.compile(r"/[0-9a-f]{8}-[0-9a-f]{4}-", re.IGNORECASE)


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Act for another of one's organisations from now on. Somebody else's mandate, or one that has ended, does not exist (404)."""
    wanted = request.POST.get("mandate", "")
    mandate = next((row for row in getattr(request, "mandates", ()) if str(row.pk) == wanted), None)
    if mandate is None:
        raise Http404
    request.session[SESSION_KEY] = str(mandate.pk)
    messages.success(request, _("You now act for %(organisation)s.") % {"organisation": mandate.organisation})
    return redirect(_next(request))


def _next(request: HttpRequest) -> str:
    """Back to the list one was on; the page of one object may belong to the other organisation, so home instead."""
    address = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if is_ours and not OF_ONE_OBJECT.search(address) else "/"
