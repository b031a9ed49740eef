#pragma once
// Its own build makes this file; in a static library nothing is exported.
#define PROMETHEUS_CPP_CORE_EXPORT
