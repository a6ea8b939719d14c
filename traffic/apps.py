from django.apps import AppConfig


class TrafficConfig(AppConfig):
    name = "traffic"

    def ready(self) -> None:
        from metrics.derived import Derived
        from traffic.models import Event
        from traffic.services.partitions import dropped_months
        from traffic.services.sessions import derive_sessions, session_checks

        Derived("sessions", derive_sessions, session_checks, source=Event, left_out=dropped_months)
