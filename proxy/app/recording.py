"""Build what records orders: as transactions of our own, or on those that somebody else writes."""

from proxy.ports import Clock, Omneo, Telemetry
from proxy.services.attach import Attach
from proxy.services.customers import Customers
from proxy.services.find_sale import FindSale
from proxy.services.follow import FollowProfile
from proxy.services.record import Record
from proxy.stores.captures import Captures
from proxy.stores.database import Database
from proxy.stores.records import Records
from proxy.stores.redemptions import Redemptions


def record(
    *, omneo: Omneo, database: Database, customers: Customers, follow: FollowProfile, clock: Clock, telemetry: Telemetry
) -> Record:
    find, records = FindSale(omneo), Records(database)
    attach = Attach(
        omneo=omneo,
        find=find,
        records=records,
        redemptions=Redemptions(database),
        follow=follow,
        telemetry=telemetry,
    )
    return Record(
        omneo=omneo,
        find=find,
        attach=attach,
        captures=Captures(database),
        records=records,
        customers=customers,
        follow=follow,
        clock=clock,
        telemetry=telemetry,
    )
