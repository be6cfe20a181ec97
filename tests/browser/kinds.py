"""One page of each kind, full or bare, of the site `every_kind`."""

RUN = "runs/flight-delay/05_drift_quality/run-1.html"
KINDS = (
    "index.html",
    "portfolio.html",
    "systems/flight-delay/index.html",
    "systems/bare/index.html",
    "systems/bare/gaps.html",
    "systems/flight-delay/on-call.html",
    "systems/flight-delay/2am.html",
    "systems/flight-delay/product.html",
    "systems/flight-delay/compliance.html",
    "systems/bare/compliance.html",
    "systems/flight-delay/controls.html",
    "systems/flight-delay/history.html",
    "systems/flight-delay/areas/detection.html",
    "systems/bare/areas/decisions.html",
    "systems/unread/index.html",
    RUN,
)
