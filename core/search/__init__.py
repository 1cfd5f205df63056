"""Search over one normalised key: the same for the portal's lists, its search page, the administration and the API."""

from core.search.catalogue import Kind
from core.search.keys import Norm, SearchKey, search_column, search_index, sort_column
from core.search.queries import Marker, Piece, Query, closeness, matching, nearest, ranked, read_query
from core.search.results import Group, Hit, search_all, search_one
from core.search.ways import first_found

__all__ = [
    "Group",
    "Hit",
    "Kind",
    "Marker",
    "Norm",
    "Piece",
    "Query",
    "SearchKey",
    "closeness",
    "first_found",
    "matching",
    "nearest",
    "ranked",
    "read_query",
    "search_all",
    "search_column",
    "search_index",
    "search_one",
    "sort_column",
]
