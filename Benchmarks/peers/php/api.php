<?php
// The peer on php-fpm: the log, 304, a refusal and an interaction, with php-redis.
//
// BENCH_REDIS names the unix socket of Redis. The directory is the arrays below, which opcache keeps ready in shared
// memory, where Hookline asks SQLite or its memory of it.
declare(strict_types=1);

const APP_ID = 41;
const APP_SLUG = 'release-notes';
const MEMBERS = ['member@example.test' => true];
const CUSTOMERS = 12;
const TAG = '"fixed"';
const KEY = 'sentry-app-webhook-request:{' . APP_ID . '}:';
const EVENTS = [
    'issue.created', 'issue.resolved', 'issue.ignored', 'issue.assigned', 'error.created', 'comment.created',
    'comment.updated', 'comment.deleted', 'event_alert.triggered', 'external_issue.created', 'external_issue.linked',
    'installation.created', 'installation.deleted', 'select_options.requested', 'metric_alert.open',
    'metric_alert.resolved', 'metric_alert.critical', 'metric_alert.warning', 'alert_rule_action.requested',
    'alert_rule_action.error',
];
const ROLLUPS = [[10, 360], [3600, 168], [86400, 90]];
const DATE_OFFSET = 9;
const DATE_LENGTH = 26;

function redis(): Redis
{
    $redis = new Redis();
    $redis->pconnect($_SERVER['BENCH_REDIS']);
    return $redis;
}

function stored_lists(): array
{
    $pipeline = redis()->pipeline();
    foreach (EVENTS as $event) {
        $pipeline->lRange(KEY . $event, 0, 99);
    }
    return $pipeline->exec();
}

/// Every entry decoded, all sorted by their dates, the newest 100 kept.
function newest_rows(): array
{
    $entries = [];
    foreach (stored_lists() as $index => $list) {
        foreach ($list as $text) {
            $entry = json_decode($text, true);
            $entry['event'] = EVENTS[$index];
            $entries[] = $entry;
        }
    }
    // PHP's sorting is stable: equal dates stay in the order of the events and lists.
    $dates = array_column($entries, 'date');
    arsort($dates, SORT_STRING);
    $rows = [];
    foreach (array_slice($dates, 0, 100, true) as $position => $date) {
        $rows[] = row($entries[$position]);
    }
    return $rows;
}

/// The same, but only what is answered is decoded: the date stands first in every entry.
function newest_rows_at_best(): array
{
    $entries = array_merge(...stored_lists());
    $dates = [];
    foreach ($entries as $text) {
        $dates[] = substr($text, DATE_OFFSET, DATE_LENGTH);
    }
    arsort($dates, SORT_STRING);
    $rows = [];
    foreach (array_slice($dates, 0, 100, true) as $position => $date) {
        $entry = json_decode($entries[$position], true);
        $entry['event'] = EVENTS[intdiv($position, 100)];
        $rows[] = row($entry);
    }
    return $rows;
}

function rows_of_event(string $event): array
{
    $rows = [];
    foreach (redis()->lRange(KEY . $event, 0, 99) as $text) {
        $entry = json_decode($text, true);
        $entry['event'] = $event;
        $rows[] = row($entry);
    }
    return $rows;
}

function row(array $entry): array
{
    $row = [
        'webhookUrl' => $entry['webhook_url'], 'sentryAppSlug' => APP_SLUG, 'eventType' => $entry['event'],
        'date' => $entry['date'], 'responseCode' => $entry['response_code'],
    ];
    if ($entry['response_code'] >= 400 || $entry['response_code'] === 0) {
        $row['requestBody'] = $entry['request_body'] ?? null;
        $row['requestHeaders'] = $entry['request_headers'] ?? null;
        $row['responseBody'] = $entry['response_body'] ?? null;
    }
    $customer = $entry['organization_id'] - 100;
    if ($customer >= 0 && $customer < CUSTOMERS) {
        $row['organization'] = ['name' => "Customer $customer", 'slug' => "customer-$customer"];
    }
    $row['requestId'] = $entry['request_id'];
    $row['attempt'] = $entry['attempt'];
    $row['durationMs'] = $entry['duration_ms'];
    return $row;
}

function count_interaction(): int
{
    $body = json_decode(file_get_contents('php://input'), true);
    if (($body['tsdbField'] ?? null) !== 'sentry_app_viewed') {
        return 400;
    }
    $now = time();
    $pipeline = redis()->pipeline();
    foreach (ROLLUPS as [$seconds, $samples]) {
        $bucket = intdiv($now, $seconds);
        $key = "ts:800:$bucket:" . APP_ID % 64;
        $pipeline->hIncrBy($key, (string) APP_ID, 1);
        $pipeline->expireAt($key, $seconds * ($bucket + $samples));
    }
    return in_array(false, $pipeline->exec(), true) ? 503 : 201;
}

function answer(int $status, mixed $value): void
{
    http_response_code($status);
    header('Content-Type: application/json');
    echo json_encode($value, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
}

if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    answer(count_interaction(), new stdClass());
} elseif (!isset(MEMBERS[$_SERVER['REMOTE_USER'] ?? ''])) {
    answer(403, ['detail' => 'You do not have permission to perform this action.']);
} elseif (($_SERVER['HTTP_IF_NONE_MATCH'] ?? '') === TAG) {
    http_response_code(304);
    header('ETag: ' . TAG);
} elseif (isset($_GET['eventType'])) {
    answer(200, rows_of_event($_GET['eventType']));
} else {
    answer(200, defined('IS_AT_BEST') ? newest_rows_at_best() : newest_rows());
}
