"""Takes a picture of the dashboard of a running demo in headless Chromium.

usage: docs-images.py ADDRESS FILE

ADDRESS is the address of the page of an app, with user name and password. FILE is the PNG file to write.
"""

import base64
import pathlib
import sys

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

WIDTH, HEIGHT = 1280, 852
WAIT_SECONDS = 20


def open_browser():
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--ignore-certificate-errors", "--hide-scrollbars", "--lang=en-GB"]:
        options.add_argument(argument)
    browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    browser.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": "UTC"})
    browser.execute_cdp_cmd("Emulation.setLocaleOverride", {"locale": "en-GB"})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-color-scheme", "value": "light"}, {"name": "prefers-reduced-motion", "value": "reduce"}]})
    return browser


def take_picture(browser, address, file):
    browser.get(address)
    WebDriverWait(browser, WAIT_SECONDS).until(
        lambda browser: browser.find_element(By.CSS_SELECTOR, "#log").get_attribute("data-state") == "rows")
    # Until the charts have been drawn.
    WebDriverWait(browser, WAIT_SECONDS).until(
        lambda browser: browser.execute_script(
            "return [...document.querySelectorAll('canvas')].some(c => c.offsetParent && c.width > 0)"))
    picture = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    file.write_bytes(base64.b64decode(picture["data"]))


def main():
    address, file = sys.argv[1:]
    browser = open_browser()
    try:
        take_picture(browser, address, pathlib.Path(file))
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
