"""The home page: what is expected of me. A tuple of what each wing has to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_GET

import accounts.dashboard
import partnership.dashboard
from accounts.public import public
from core import clock
from partnership.models import Convention
from partnership.querysets import sees_everything
from portal.public import public_home

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


TILES = (partnership.dashboard.tiles, accounts.dashboard.tiles)


@public
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What is expected of the person signed in; the published progress for anybody else."""
    if not request.user.is_authenticated:
        return public_home(request)
    user = request.user
    tiles = [tile for build in TILES for tile in build(user) if tile.total]
    context = {
        "tiles": sorted(tiles, key=lambda tile: not tile.urgent),
        "late": sum(1 for tile in tiles for line in tile.lines if line.late),
        "conventions": Convention.objects.of_parties(user).in_order()[:5],
        "is_staff": sees_everything(user),
        "today": clock.today(),
    }
    return render(request, "portal/home.html", context)
