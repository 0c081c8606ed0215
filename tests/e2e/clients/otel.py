"""Sends a trace of two services and a log by an unmodified OpenTelemetry SDK. Arguments: base URL, project, key, run id."""

import json
import logging
import sys

from opentelemetry import trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

URL, PROJECT, KEY, RUN = sys.argv[1:5]
RESOURCE = Resource.create(
    {"service.name": "checkout", "service.version": "3.1", "deployment.environment.name": "otel"}
)
END = f"{URL}/api/{PROJECT}/integration/otlp/v1"
HEADERS = {"x-sentry-auth": f"sentry sentry_key={KEY}"}

provider = TracerProvider(resource=RESOURCE)
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{END}/traces", headers=HEADERS)))
trace.set_tracer_provider(provider)
logs = LoggerProvider(resource=RESOURCE)
logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(f"{END}/logs", headers=HEADERS)))
set_logger_provider(logs)
log = logging.getLogger("checkout")
log.addHandler(LoggingHandler(logger_provider=logs))

tracer = trace.get_tracer("shop")
told: dict[str, str] = {}
with tracer.start_as_current_span(f"GET /vt-{RUN}", kind=SpanKind.SERVER) as root:
    root.set_attribute("http.request.method", "GET")
    with tracer.start_as_current_span("SELECT orders", kind=SpanKind.CLIENT) as query:
        query.set_attribute("db.system.name", "postgresql")
        log.error("vt-otel-log-%s", RUN)
    try:
        with tracer.start_as_current_span("charge"):
            raise ValueError(f"vt-otel-{RUN}")
    except ValueError:
        pass
    context = root.get_span_context()
    told = {"trace": f"{context.trace_id:032x}", "root": f"{context.span_id:016x}"}
provider.shutdown()
logs.shutdown()
print(json.dumps(told))
