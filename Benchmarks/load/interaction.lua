-- wrk: each request counts one view of an app.
wrk.method = "POST"
wrk.body = '{"tsdbField":"sentry_app_viewed"}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Sec-Fetch-Site"] = "same-origin"
