"""How stored things look on the wire; field names follow the types of Omneo's public SDK (omneo/omneo-sdk)."""
