// What axe finds on the page that stands, and how wide it is, in both sizes of letters. Loaded after axe.

// --- Contrast ---

// To work out the contrast of a text is half of what axe does, and most texts stand in the same few colours: what it found
// readable once it need not work out again. The same is the same colour, size and weight over the same grounds; what is
// drawn out of its place, or over a picture, is looked at each time.
let readable = new Set();

(() => {
    const check = axe._audit.checks["color-contrast"], lookedAt = check.evaluate;
    const grounds = new Map();
    const ground = element => {
        if (!grounds.has(element)) grounds.set(element, element ? groundOf(element) : "");
        return grounds.get(element);
    };
    const inPlace = look => look.position === "static"
        || look.position === "relative" && !parseFloat(look.top) && !parseFloat(look.left);
    const groundOf = element => {
        const look = getComputedStyle(element), below = ground(element.parentElement);
        if (below === null || !inPlace(look) || look.float !== "none" || look.backgroundImage !== "none"
            || look.transform !== "none" || look.filter !== "none" || look.textShadow !== "none") return null;
        const own = look.backgroundColor === "rgba(0, 0, 0, 0)" ? below : `${below} ${look.backgroundColor}`;
        return look.opacity === "1" ? own : `${own} ${look.opacity}`;
    };
    check.evaluate = function (element, ...rest) {
        const over = ground(element), look = getComputedStyle(element);
        const colours = over === null ? null : [over, look.color, look.fontSize, look.fontWeight].join();
        if (readable.has(colours)) return true;
        const found = lookedAt.call(this, element, ...rest);
        if (found === true && colours !== null) readable.add(colours);
        return found;
    };
})();

// --- Larger letters ---

// What they can break; the rest is the same page, in the same colours (tests/core/test_stylesheet.py).
const OF_THE_LOOK = ["target-size", "scrollable-region-focusable"];

// Those two rules have nothing to find, and are not asked, where every target is large enough by itself and meets no
// other, and nothing scrolls but the page.
const mayBreak = () => {
    const targets = [...document.querySelectorAll("a, area, button, input, select, summary, textarea, [tabindex='0']")]
        .filter(element => element.checkVisibility())
        .map(element => [element, element.getBoundingClientRect()]);
    const meet = ([one, a], [other, b]) => one !== other
        && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    return targets.some(target => target[1].width < 24 || target[1].height < 24
            || targets.some(other => meet(target, other)))
        || [...document.body.querySelectorAll("*")].some(element =>
            (element.scrollHeight > element.clientHeight || element.scrollWidth > element.clientWidth)
            && /auto|scroll/.test(getComputedStyle(element).overflow));
};

// --- Looking ---

const SIZES = ["std", "elder"];
const choose = size => { document.documentElement.dataset.size = size; }; // all that the server changes for the cookie of 长者版

// The parts that a page asks for once it stands; on phones there is no htmx, only the links to them.
const allIsThere = () => !window.htmx || !document.querySelector("[hx-trigger~=load]:empty, .htmx-request");

const widths = () => SIZES.map(size => {
    choose(size);
    return [size, document.documentElement.scrollWidth];
});

async function lookOver(knownToBeReadable) {
    readable = new Set(knownToBeReadable);
    for (let waited = 0; !allIsThere() && waited < 10_000; waited += 20) await new Promise(go => setTimeout(go, 20));
    const seen = { violations: [], widths: widths(), high: document.documentElement.scrollHeight }; // in larger letters
    for (const size of SIZES) {
        choose(size);
        const options = { resultTypes: ["violations"], preload: false };
        if (size === "elder") {
            if (!mayBreak()) continue;
            options.runOnly = { type: "rule", values: OF_THE_LOOK };
        }
        for (const { id, nodes } of (await axe.run(options)).violations)
            seen.violations.push([size, id, nodes.slice(0, 2).map(node => node.html.slice(0, 120))]);
    }
    return { ...seen, readable: [...readable] };
}

Object.assign(window, { lookOver, widths });
