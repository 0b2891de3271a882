#!/usr/bin/env python3
"""A rendered page in a real browser: search, links, keyboard, light and dark, no scripts, nothing fetched.

    check.py PAGE [--most-bytes N] [--pictures DIRECTORY]

PAGE is what `api-codegen docs` wrote. The first check that fails ends it. Pictures are for people to look at.
"""

import argparse
import gzip
import os
import sys

from chromium import Chromium

WIDE, NARROW = (1440, 1000), (360, 780)

# How colours stand out from each other, and what is behind an element.
COLOURS = """
    const channels = (colour) => {
        const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = (rgb) => {
        const [r, g, b] = rgb.slice(0, 3).map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const back = getComputedStyle(at).backgroundColor;
            if (back !== "rgba(0, 0, 0, 0)") return back;
        }
        return "white";
    };
    const contrast = (pair) => {
        const [a, b] = pair.map((colour) => light(channels(colour)));
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    };
"""

# The text of every element with a text of its own, with its contrast to what is behind it.
TEXTS = "(() => {" + COLOURS + """
    const seen = new Map();
    for (const element of document.querySelectorAll("body *:not(script)")) {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
        if (!own || !element.checkVisibility({ opacityProperty: true })) continue;
        const pair = `${getComputedStyle(element).color} on ${behind(element)}`;
        if (!seen.has(pair)) seen.set(pair, element.outerHTML.slice(0, 80));
    }
    return [...seen].map(([pair, sample]) => ({ pair, sample, ratio: contrast(pair.split(" on ")) }));
})()"""

# What can be operated and shows it by its edge, with the edge's contrast to what is around it.
EDGES = "(() => {" + COLOURS + """
    const seen = new Map();
    for (const element of document.querySelectorAll("input, button, label:has(input), .skip")) {
        const style = getComputedStyle(element);
        if (parseFloat(style.borderTopWidth) === 0 || (element.matches("input") && style.opacity === "0")) continue;
        const pair = `${style.borderTopColor} on ${behind(element.parentElement)}`;
        if (!seen.has(pair)) seen.set(pair, element.outerHTML.slice(0, 80));
    }
    return [...seen].map(([pair, sample]) => ({ pair, sample, ratio: contrast(pair.split(" on ")) }));
})()"""

# The levels of the headings, in the order in which a screen reader meets them.
HEADINGS = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((heading) => [Number(heading.localName[1]), heading.textContent.trim()])"

# Links that lead nowhere, and ids that are there twice.
LINKS = """(() => {
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
    const lost = [...document.querySelectorAll("a[href^='#']")].map((link) => link.hash.slice(1)).filter((id) => !document.getElementById(id));
    return [...twice, ...lost];
})()"""

# What there is to read, wherever it is folded away.
TEXT = """(() => {
    const copy = document.querySelector("main").cloneNode(true);
    copy.querySelectorAll("button").forEach((button) => button.remove());
    return copy.textContent;
})()"""


def expect(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def clean(page, url):
    expect(page.console == [], f"the console says {page.console}")
    fetched = [one for one in page.requests if one != url and not one.startswith("data:")]
    expect(fetched == [], f"the page asks for {fetched}")


def focused(page):
    return page.eval("document.activeElement.id || document.activeElement.className || document.activeElement.tagName")


def looks(browser, url):
    """Light and dark by themselves, on wide and on narrow screens."""
    for scheme in ("light", "dark"):
        for width, height in (WIDE, NARROW):
            page = browser.page(url, width, height, scheme)
            expect(page.eval(LINKS) == [], f"links that lead nowhere, or ids twice: {page.eval(LINKS)}")
            overflow = page.eval("document.documentElement.scrollWidth - innerWidth")
            expect(overflow <= 0, f"at {width} pixels the page is {overflow} too wide")
            for what, least in ((TEXTS, 4.5), (EDGES, 3)):
                found = page.eval(what)
                expect(found, "there are texts, and there are edges")
                for one in found:
                    expect(one["ratio"] >= least, f"{scheme}: {one['pair']} has a contrast of {one['ratio']:.2f}: {one['sample']}")
            shown = page.eval("document.querySelector('.contents a').checkVisibility()")
            expect(shown == (width == WIDE[0]), f"at {width} pixels the contents are {'shown' if shown else 'folded'}")
            clean(page, url)
            page.close()


def order(browser, url):
    """What somebody hears who goes through the page by its headings and landmarks."""
    page = browser.page(url, *WIDE)
    headings = page.eval(HEADINGS)
    expect([level for level, _ in headings].count(1) == 1 and headings[0][0] == 1, f"the title comes first, and once: {headings[:3]}")
    for (above, _), (level, title) in zip(headings, headings[1:]):
        expect(level <= above + 1, f"the heading {title!r} of level {level} stands below one of level {above}")
    expect(all(title for _, title in headings), "no heading is empty")
    expect(page.eval("document.querySelectorAll('main').length") == 1, "there is one text")
    expect(page.eval("[...document.querySelectorAll('nav')].every((nav) => nav.getAttribute('aria-label'))"), "what leads through the text has a name")
    clean(page, url)
    page.close()


def search(browser, url):
    page = browser.page(url, *WIDE)
    page.press("/")
    expect(focused(page) == "query", "`/` leads to search")
    title = page.eval("JSON.parse(document.getElementById('index').textContent).filter((one) => one && document.getElementById(one[3]).matches('.form'))[0]")
    page.write(title[1].lower())
    count = page.eval("document.querySelectorAll('#results li').length")
    told = page.eval("document.getElementById('told').textContent")
    expect(count > 0 and "result" in told, f"search finds {count}, and says {told!r}")
    first = page.eval("document.querySelector('#results li b').textContent")
    expect(first == title[1], f"the first result for {title[1]!r} is {first!r}")
    active = "document.getElementById('query').getAttribute('aria-activedescendant')"
    expect(page.eval(active) == "result-0", "the first result is the active one")
    if count > 1:
        page.press("ArrowDown")
        expect(page.eval(active) == "result-1", "the arrow leads to the next result")
        page.press("ArrowUp")
    page.press("ArrowUp")
    expect(page.eval(active) == f"result-{count - 1}", "the arrow leads around")
    page.press("ArrowDown")
    page.press("Enter")
    expect(page.eval("location.hash") == "#" + title[3], "Enter leads to the result")
    expect(focused(page) == title[3], "the keyboard goes on at the result")
    top = f"document.getElementById('{title[3]}').getBoundingClientRect().top"
    page.until(f"Math.abs({top}) < innerHeight / 2")
    expect(page.eval("document.getElementById('results').hidden"), "the results are gone")
    page.press("/")
    page.write("no such thing, surely")
    expect(page.eval("document.getElementById('told').textContent") == "Nothing found", "it is said that there is nothing")
    page.press("Escape")
    expect(page.eval("document.getElementById('query').value") == "", "Escape empties search")
    page.press("Escape")
    expect(focused(page) != "query", "Escape leaves search")
    clean(page, url)
    page.close()


def keyboard(browser, url):
    page = browser.page(url, *WIDE)
    page.press("Tab")
    expect(focused(page) == "skip", "the first stop of the keyboard is the way to the text")
    expect(page.eval("document.activeElement.getBoundingClientRect().top >= 0"), "and it is seen")
    page.press("Enter")
    expect(page.eval("location.hash") == "#content", "it leads there")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    page.press("Tab")
    expect(page.eval(outline) != "none", "what has the focus is seen")
    # The contents on a narrow screen are unfolded, and folded again by a choice.
    page.resize(*NARROW)
    page.eval("document.querySelector('.contents summary').focus()")
    page.press("Enter")
    expect(page.eval("document.querySelector('.contents a').checkVisibility()"), "Enter unfolds the contents")
    page.press("Tab")
    page.press("Enter")
    expect(page.eval("location.hash") == "#introduction", "the contents lead to the introduction")
    expect(not page.eval("document.querySelector('.contents details').open"), "and are folded again")
    clean(page, url)
    page.close()


def colours(browser, url):
    page = browser.page(url, *WIDE)
    back = "getComputedStyle(document.body).backgroundColor"
    light = page.eval(back)
    page.eval("document.getElementById('theme-auto').focus()")
    page.press("ArrowLeft")
    expect(page.eval("document.getElementById('theme-dark').checked"), "an arrow chooses dark")
    dark = page.eval(back)
    expect(dark != light, "dark is dark")
    page.reload()
    expect(page.eval(back) == dark, "the choice is remembered")
    page.eval("document.getElementById('theme-auto').click()")
    expect(page.eval(back) == light, "and taken back")
    clean(page, url)
    page.close()


def samples(browser, url):
    page = browser.page(url, *WIDE)
    shown = "[...document.querySelectorAll('.sample .block')].filter((block) => block.checkVisibility()).map((block) => block.className.split(' ')[1])"
    count = page.eval("document.querySelectorAll('.sample').length")
    expect(count > 0 and page.eval(shown) == ["http"] * count, "each request is shown as it is sent")
    page.eval("document.querySelector('.sample [value=http]').focus()")
    page.press("ArrowRight")
    expect(page.eval(shown) == ["curl"] * count, "an arrow shows all of them with curl")
    page.reload()
    expect(page.eval(shown) == ["curl"] * count, "the choice is remembered")
    page.eval("document.querySelector('.sample [value=http]').click()")
    clean(page, url)
    page.close()


def without_scripts(browser, url):
    with_scripts, page = browser.page(url, *WIDE), browser.page(url, *WIDE, scripts=False)
    expect(not page.eval("document.documentElement.classList.contains('js')"), "scripts are off")
    expect(page.eval(TEXT) == with_scripts.eval(TEXT), "all of the text is there")
    expect(len(page.eval(TEXT)) > 1000, "there is a text")
    expect(not page.eval("document.getElementById('search').checkVisibility()"), "there is no search that does nothing")
    expect(page.eval("document.querySelector('.contents a').checkVisibility()"), "the contents are there")
    back = "getComputedStyle(document.body).backgroundColor"
    light = page.eval(back)
    page.click("label:has(#theme-dark)")
    expect(page.eval(back) != light, "dark can be chosen")
    page.eval("document.querySelector('.sample').scrollIntoView({ behavior: 'instant', block: 'center' })")
    page.click(".sample label:has([value=rust])")
    expect(page.eval("document.querySelector('.sample .rust').checkVisibility()"), "Rust can be chosen")
    clean(page, url)
    page.close()
    with_scripts.close()


def print_out(browser, url):
    page = browser.page(url, *WIDE)
    page.call("Emulation.setEmulatedMedia", media="print")
    expect(not page.eval("document.querySelector('.contents').checkVisibility()"), "the contents are not printed")
    expect(page.eval("document.querySelector('main').checkVisibility()"), "the text is printed")
    page.close()


def pictures(browser, url, folder):
    os.makedirs(folder, exist_ok=True)
    for scheme in ("light", "dark"):
        for name, (width, height) in (("wide", WIDE), ("narrow", NARROW)):
            page = browser.page(url, width, height, scheme)
            anchors = page.eval("[...document.querySelectorAll('main > section, .operation section')].map((section) => section.id)")
            for anchor in ["top", *anchors[:12]]:
                page.eval(f"document.documentElement.style.scrollBehavior = 'auto'; location.hash = '{anchor}'")
                page.picture(f"{folder}/{scheme}-{name}-{anchor}.png")
            page.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page")
    parser.add_argument("--most-bytes", type=int, help="what the page may take, compressed")
    parser.add_argument("--pictures", help="where pictures go")
    arguments = parser.parse_args()
    url = "file://" + os.path.abspath(arguments.page)
    with open(arguments.page, "rb") as file:
        size = len(gzip.compress(file.read(), 9))
    expect(not arguments.most_bytes or size <= arguments.most_bytes, f"the page takes {size} bytes compressed")
    with Chromium() as browser:
        for check in (looks, order, search, keyboard, colours, samples, without_scripts, print_out):
            check(browser, url)
            print(f"{check.__name__}: as it should be")
        if arguments.pictures:
            pictures(browser, url, arguments.pictures)
    print(f"{arguments.page}: {size} bytes compressed, nothing fetched, nothing on the console")


if __name__ == "__main__":
    main()
