"""The stand-in, started as `java -Xbootclasspath/a:FOLDER -jar FILE` would start Metabase."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from stand_ins.metabase import StandIn

if __name__ == "__main__":
    server = StandIn()
    server.forget_setup()
    server.map_rules.class_path = Path(sys.argv[1].removeprefix("-Xbootclasspath/a:"))
    server.map_rules.allow_class_path = os.environ["MB_ALLOW_CLASSPATH_GEOJSON"] == "true"
    server.map_rules.external_only = True
    with server.running(int(os.environ["MB_JETTY_PORT"])):
        signal.pause()
