"""Schedule arithmetic: who is on call, when. Pure: no database, network, clock or framework.

Give `final_shifts` or `on_call_at` a `Schedule` and aware UTC times; everything else serves these two.
"""
