"""My access, ``/my-access/``: what a person granted to applications and made for themselves, and how they end it."""
