-- Tables of a vStats server (protocol.md 8) as far as this server fills or reads them, and two of its
-- own for what vStats keeps in a configuration file. Run at every start.

CREATE TABLE IF NOT EXISTS metrics_raw (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server_id TEXT NOT NULL,
    timestamp TEXT NOT NULL,          -- RFC 3339, in the zone it was sent in
    cpu_usage REAL NOT NULL,
    memory_usage REAL NOT NULL,
    disk_usage REAL NOT NULL,
    net_rx INTEGER NOT NULL,
    net_tx INTEGER NOT NULL,
    load_1 REAL NOT NULL,
    load_5 REAL NOT NULL,
    load_15 REAL NOT NULL,
    ping_ms REAL,
    created_at TEXT DEFAULT CURRENT_TIMESTAMP,
    bucket_5min INTEGER,              -- unix / 120, whatever its name says
    bucket_5sec INTEGER               -- unix / 5
);
CREATE INDEX IF NOT EXISTS idx_metrics_raw_time ON metrics_raw (server_id, timestamp);
CREATE INDEX IF NOT EXISTS idx_metrics_raw_5min ON metrics_raw (server_id, bucket_5min);
CREATE INDEX IF NOT EXISTS idx_metrics_raw_5sec ON metrics_raw (server_id, bucket_5sec);

CREATE TABLE IF NOT EXISTS ping_raw (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server_id TEXT NOT NULL,
    timestamp TEXT NOT NULL,
    target_name TEXT NOT NULL,
    target_host TEXT NOT NULL,
    latency_ms REAL,
    packet_loss REAL NOT NULL,
    status TEXT NOT NULL,
    bucket_5min INTEGER,
    bucket_5sec INTEGER
);
CREATE INDEX IF NOT EXISTS idx_ping_raw_time ON ping_raw (server_id, timestamp);
CREATE INDEX IF NOT EXISTS idx_ping_raw_target ON ping_raw (server_id, target_name, timestamp);
CREATE INDEX IF NOT EXISTS idx_ping_raw_5min ON ping_raw (server_id, bucket_5min);
CREATE INDEX IF NOT EXISTS idx_ping_raw_5sec ON ping_raw (server_id, bucket_5sec);

-- One table of either kind for each granularity. Buckets are indices: unix / width.
CREATE TABLE IF NOT EXISTS metrics_5sec (
    server_id TEXT NOT NULL, bucket INTEGER NOT NULL,
    cpu_sum REAL NOT NULL DEFAULT 0, cpu_max REAL NOT NULL DEFAULT 0,
    memory_sum REAL NOT NULL DEFAULT 0, memory_max REAL NOT NULL DEFAULT 0,
    disk_sum REAL NOT NULL DEFAULT 0,
    net_rx INTEGER NOT NULL DEFAULT 0, net_tx INTEGER NOT NULL DEFAULT 0,
    ping_sum REAL NOT NULL DEFAULT 0, ping_count INTEGER NOT NULL DEFAULT 0,
    sample_count INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (server_id, bucket)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metrics_2min (
    server_id TEXT NOT NULL, bucket INTEGER NOT NULL,
    cpu_sum REAL NOT NULL DEFAULT 0, cpu_max REAL NOT NULL DEFAULT 0,
    memory_sum REAL NOT NULL DEFAULT 0, memory_max REAL NOT NULL DEFAULT 0,
    disk_sum REAL NOT NULL DEFAULT 0,
    net_rx INTEGER NOT NULL DEFAULT 0, net_tx INTEGER NOT NULL DEFAULT 0,
    ping_sum REAL NOT NULL DEFAULT 0, ping_count INTEGER NOT NULL DEFAULT 0,
    sample_count INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (server_id, bucket)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metrics_15min_agg (
    server_id TEXT NOT NULL, bucket INTEGER NOT NULL,
    cpu_sum REAL NOT NULL DEFAULT 0, cpu_max REAL NOT NULL DEFAULT 0,
    memory_sum REAL NOT NULL DEFAULT 0, memory_max REAL NOT NULL DEFAULT 0,
    disk_sum REAL NOT NULL DEFAULT 0,
    net_rx INTEGER NOT NULL DEFAULT 0, net_tx INTEGER NOT NULL DEFAULT 0,
    ping_sum REAL NOT NULL DEFAULT 0, ping_count INTEGER NOT NULL DEFAULT 0,
    sample_count INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (server_id, bucket)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metrics_hourly_agg (
    server_id TEXT NOT NULL, bucket INTEGER NOT NULL,
    cpu_sum REAL NOT NULL DEFAULT 0, cpu_max REAL NOT NULL DEFAULT 0,
    memory_sum REAL NOT NULL DEFAULT 0, memory_max REAL NOT NULL DEFAULT 0,
    disk_sum REAL NOT NULL DEFAULT 0,
    net_rx INTEGER NOT NULL DEFAULT 0, net_tx INTEGER NOT NULL DEFAULT 0,
    ping_sum REAL NOT NULL DEFAULT 0, ping_count INTEGER NOT NULL DEFAULT 0,
    sample_count INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (server_id, bucket)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metrics_daily_agg (
    server_id TEXT NOT NULL, bucket INTEGER NOT NULL,
    cpu_sum REAL NOT NULL DEFAULT 0, cpu_max REAL NOT NULL DEFAULT 0,
    memory_sum REAL NOT NULL DEFAULT 0, memory_max REAL NOT NULL DEFAULT 0,
    disk_sum REAL NOT NULL DEFAULT 0,
    net_rx INTEGER NOT NULL DEFAULT 0, net_tx INTEGER NOT NULL DEFAULT 0,
    ping_sum REAL NOT NULL DEFAULT 0, ping_count INTEGER NOT NULL DEFAULT 0,
    sample_count INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (server_id, bucket)) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS ping_5sec (
    server_id TEXT NOT NULL, bucket INTEGER NOT NULL,
    target_name TEXT NOT NULL, target_host TEXT NOT NULL,
    latency_sum REAL NOT NULL DEFAULT 0, latency_max REAL NOT NULL DEFAULT 0,
    latency_count INTEGER NOT NULL DEFAULT 0,
    ok_count INTEGER NOT NULL DEFAULT 0, fail_count INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (server_id, target_name, bucket)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ping_2min (
    server_id TEXT NOT NULL, bucket INTEGER NOT NULL,
    target_name TEXT NOT NULL, target_host TEXT NOT NULL,
    latency_sum REAL NOT NULL DEFAULT 0, latency_max REAL NOT NULL DEFAULT 0,
    latency_count INTEGER NOT NULL DEFAULT 0,
    ok_count INTEGER NOT NULL DEFAULT 0, fail_count INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (server_id, target_name, bucket)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ping_15min_agg (
    server_id TEXT NOT NULL, bucket INTEGER NOT NULL,
    target_name TEXT NOT NULL, target_host TEXT NOT NULL,
    latency_sum REAL NOT NULL DEFAULT 0, latency_max REAL NOT NULL DEFAULT 0,
    latency_count INTEGER NOT NULL DEFAULT 0,
    ok_count INTEGER NOT NULL DEFAULT 0, fail_count INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (server_id, target_name, bucket)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ping_hourly_agg (
    server_id TEXT NOT NULL, bucket INTEGER NOT NULL,
    target_name TEXT NOT NULL, target_host TEXT NOT NULL,
    latency_sum REAL NOT NULL DEFAULT 0, latency_max REAL NOT NULL DEFAULT 0,
    latency_count INTEGER NOT NULL DEFAULT 0,
    ok_count INTEGER NOT NULL DEFAULT 0, fail_count INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (server_id, target_name, bucket)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ping_daily_agg (
    server_id TEXT NOT NULL, bucket INTEGER NOT NULL,
    target_name TEXT NOT NULL, target_host TEXT NOT NULL,
    latency_sum REAL NOT NULL DEFAULT 0, latency_max REAL NOT NULL DEFAULT 0,
    latency_count INTEGER NOT NULL DEFAULT 0,
    ok_count INTEGER NOT NULL DEFAULT 0, fail_count INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (server_id, target_name, bucket)) WITHOUT ROWID;

-- Traffic: the present billing period of each server, the ended ones, and days.
CREATE TABLE IF NOT EXISTS traffic_stats (
    server_id TEXT PRIMARY KEY,
    period_start TEXT NOT NULL, period_end TEXT NOT NULL,
    reset_day INTEGER NOT NULL DEFAULT 1,
    tx_bytes INTEGER NOT NULL DEFAULT 0, rx_bytes INTEGER NOT NULL DEFAULT 0,
    monthly_limit_gb REAL NOT NULL DEFAULT 0,
    threshold_type TEXT NOT NULL DEFAULT 'sum',
    baseline_tx INTEGER NOT NULL DEFAULT 0, baseline_rx INTEGER NOT NULL DEFAULT 0,
    baseline_time TEXT,
    last_updated TEXT NOT NULL,
    created_at TEXT DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE IF NOT EXISTS traffic_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server_id TEXT NOT NULL,
    period_start TEXT NOT NULL, period_end TEXT NOT NULL,
    tx_bytes INTEGER NOT NULL, rx_bytes INTEGER NOT NULL,
    monthly_limit_gb REAL NOT NULL DEFAULT 0, usage_percent REAL NOT NULL DEFAULT 0,
    created_at TEXT DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (server_id, period_start));
CREATE TABLE IF NOT EXISTS traffic_daily (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server_id TEXT NOT NULL,
    date TEXT NOT NULL,               -- YYYY-MM-DD
    tx_bytes INTEGER NOT NULL DEFAULT 0, rx_bytes INTEGER NOT NULL DEFAULT 0,
    sample_count INTEGER NOT NULL DEFAULT 0,
    UNIQUE (server_id, date));

-- What vStats keeps in its configuration file.
CREATE TABLE IF NOT EXISTS config_servers (
    id TEXT PRIMARY KEY,
    position INTEGER NOT NULL,        -- in the order of creation
    object TEXT NOT NULL              -- the JSON of GET /api/servers
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS config_settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
