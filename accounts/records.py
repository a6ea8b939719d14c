"""Who asks: the one value that services, queries and access checks take."""

from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Grant:
    """What the viewer may do in one store: the role's name and its permissions."""

    store_id: int
    role: str
    permissions: frozenset[str]


@dataclass(frozen=True)
class Viewer:
    """A person or a token, with the stores it may see and its rights in each.

    `system` viewers (workers, commands) may do everything in every store they are given.
    """

    name: str
    user_id: int | None = None
    token_id: int | None = None
    grants: tuple[Grant, ...] = ()
    address: str | None = None
    system: bool = False
    fields: frozenset[str] = field(default_factory=frozenset)

    @property
    def store_ids(self) -> tuple[int, ...]:
        return tuple(grant.store_id for grant in self.grants)

    def can(self, permission: str, store_id: int) -> bool:
        """Whether the viewer holds `permission` in that store."""
        if self.system:
            return True
        return any(g.store_id == store_id and permission in g.permissions for g in self.grants)

    def stores_with(self, permission: str) -> tuple[int, ...]:
        """The stores in which the viewer holds `permission`."""
        return tuple(g.store_id for g in self.grants if self.system or permission in g.permissions)

    def can_anywhere(self, permission: str) -> bool:
        return self.system or bool(self.stores_with(permission))

    def narrowed(self, store_ids: Collection[int]) -> "Viewer":
        """The same viewer, looking at some of the stores only."""
        grants = tuple(g for g in self.grants if g.store_id in store_ids)
        return Viewer(
            self.name, self.user_id, self.token_id, grants, self.address, self.system, self.fields
        )


SYSTEM = Viewer(name="ecomgr", system=True)
