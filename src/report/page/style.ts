// The page's style sheet: light and dark, phone and print.

export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --raised: #f6f7f8; --text: #1a1a1a; --quiet: #4d4d4d; --line: #d6d9dc; --link: #005a9c;
  --good: #0a6b3d; --bad: #a8201a; --open: #7a5200; --bar-ink: #9db8d2;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #15181b; --raised: #1e2226; --text: #e8eaec; --quiet: #aeb4ba; --line: #3a4148; --link: #7cc0ff; --good: #6fd39b; --bad: #ff9a91; --open: #f0c267; --bar-ink: #41617f; }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 72rem; background: var(--ground); color: var(--text); font: 1rem/1.55 system-ui, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .3rem; }
h2 { font-size: 1.3rem; margin: 2rem 0 .5rem; padding-top: .5rem; border-top: 2px solid var(--line); }
h3 { font-size: 1.08rem; margin: 1.2rem 0 .25rem; }
h4 { font-size: 1rem; margin: 0; }
a { color: var(--link); }
:is(a, input, summary, button, pre, .scroll):focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
p { margin: .4rem 0 .8rem; max-width: 50rem; }
code { font: .9em/1.4 ui-monospace, "DejaVu Sans Mono", monospace; background: var(--raised); padding: .1em .3em; border-radius: 3px; }
pre { background: var(--raised); padding: .8rem; border-radius: 6px; overflow-x: auto; }
pre code { background: none; padding: 0; }
.quiet { color: var(--quiet); }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
:is(nav ul, .contents) { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0; margin: .8rem 0 0; }
.answer { font-size: 1.15rem; line-height: 1.45; margin: .5rem 0; max-width: 60rem; }
.cautions { border: 1px solid var(--open); border-left-width: 6px; border-radius: 6px; padding: .45rem .8rem; margin: .8rem 0; max-width: 66rem; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .8rem 0; }
@media (min-width: 1000px) { .words { grid-template-columns: max-content 1fr max-content 1fr; } }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; }
.scroll { container-type: inline-size; overflow: auto; max-height: 24rem; margin: .4rem 0 .5rem; border: 1px solid var(--line); border-radius: 6px; background: linear-gradient(90deg, var(--ground) 40%, transparent) left / 3rem 100% local no-repeat, linear-gradient(270deg, var(--ground) 40%, transparent) right / 3rem 100% local no-repeat, linear-gradient(90deg, var(--line), transparent) left / 1rem 100% scroll no-repeat, linear-gradient(270deg, var(--line), transparent) right / 1rem 100% scroll no-repeat; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .88rem; line-height: 1.4; overflow-wrap: normal; }
caption { text-align: left; font-weight: 600; padding: .5rem .7rem; }
caption span { position: sticky; left: .7rem; display: inline-block; max-width: calc(100cqw - 1.4rem); }
th, td { padding: .38rem .7rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { position: sticky; top: 0; z-index: 2; background: var(--raised); border-top: 0; padding: 0; font-weight: 600; vertical-align: bottom; }
thead button { font: inherit; color: inherit; background: none; border: 0; width: 100%; padding: .38rem .7rem; text-align: inherit; cursor: pointer; }
th[aria-sort="ascending"] button::after { content: " ▴"; } th[aria-sort="descending"] button::after { content: " ▾"; }
tbody th { font-weight: 500; background: var(--ground); overflow-wrap: break-word; min-width: 9rem; }
tr > th:first-child { position: sticky; left: 0; z-index: 1; } thead th:first-child { z-index: 3; }
td.right, th.right { text-align: right; font-variant-numeric: tabular-nums; } td.right { white-space: nowrap; }
td[style] { background: linear-gradient(var(--bar-ink), var(--bar-ink)) left bottom / var(--bar) 3px no-repeat; }
td.best { font-weight: 700; }
.extra { display: none; } table.all .extra { display: table-cell; }
th.wide { min-width: 13rem; } th.wider { min-width: 20rem; }
.claims { list-style: none; padding: 0; margin: .4rem 0; }
.claim { margin: 0; border-top: 1px solid var(--line); padding: .15rem 0; }
.claim > summary { font-size: 1rem; padding: .3rem 0; }
.claim .found { display: block; padding-left: 1.4rem; font-size: .92rem; }
.claim > :not(summary) { margin-left: 1.4rem; }
tbody tr:hover { background: var(--raised); }
.verdict { font-weight: 700; white-space: nowrap; display: inline-block; min-width: 6.2rem; }
.holds { color: var(--good); } .fails { color: var(--bad); } .undecided { color: var(--open); } .not-tested { color: var(--quiet); }
.notes { font-size: .85rem; color: var(--quiet); }
figure { margin: .5rem 0 .6rem; padding: .6rem 1rem; border: 1px solid var(--line); border-radius: 8px; }
figcaption p { max-width: none; margin: .1rem 0 .3rem; font-size: .88rem; }
.suite > p { max-width: none; margin: .25rem 0; line-height: 1.45; }
.folds { display: flex; flex-wrap: wrap; gap: 0 1.4rem; align-items: baseline; }
.folds > * { min-width: 0; max-width: 100%; margin: .1rem 0; } .folds > details[open] { flex: 0 0 100%; }
figure > .notes { margin: .2rem 0; max-width: none; }
.chart { position: relative; width: 100%; }
fieldset { border: 0; margin: .6rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; font-size: .86rem; }
legend { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap; }
fieldset label { display: inline-flex; align-items: center; gap: .4rem; padding: .15rem 0; cursor: pointer; }
fieldset input { width: 1.05rem; height: 1.05rem; margin: 0; accent-color: var(--quiet); }
.swatch { width: 30px; height: 14px; flex: none; color: var(--light); }
@media (prefers-color-scheme: dark) { .swatch { color: var(--dark); } }
.side-by-side { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 1rem; }
.generated { width: 100%; height: auto; image-rendering: pixelated; }
.side-by-side p { margin: .3rem 0 .15rem; font-size: .88rem; }
details { margin: .1rem 0 0; }
.detail { display: none; color: var(--quiet); }
summary { cursor: pointer; font-size: .9rem; padding: .1rem 0; }
.filter { display: flex; gap: .6rem; align-items: center; flex-wrap: wrap; font-size: .9rem; }
.filter input[type="search"] { font: inherit; padding: .3rem .5rem; border: 1px solid var(--line); border-radius: 5px; background: var(--ground); color: var(--text); flex: 0 1 14rem; min-width: 6rem; }
@media (max-width: 600px) {
  body { padding: 1rem .8rem 3rem; font-size: .97rem; }
  h1 { font-size: 1.4rem; }
  .facts { grid-template-columns: 1fr; } .facts dd { margin-bottom: .4rem; }
  figure { padding: .6rem .4rem; } .detail { display: inline; }
  th, td { padding: .35rem .5rem; }
  th.wide { min-width: 9rem; } th.wider { min-width: 14rem; }
  .claim .found { padding-left: 0; } .claim > :not(summary) { margin-left: .3rem; }
  .scroll { max-height: 24rem; }
  tbody th { min-width: 7.5rem; max-width: 9.5rem; }
}
@page { size: A4; margin: 12mm; }
@page wide { size: A4 landscape; margin: 12mm; }
@media print {
  :root { --ground: #fff; --raised: #fff; --text: #000; --quiet: #333; --line: #999; --link: #000; --good: #000; --bad: #000; --open: #000; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  #tables { page: wide; }
  nav, .contents, .filter, .skip, fieldset input { display: none; }
  .swatch { color: var(--light); }
  figure, tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .scroll { container-type: normal; overflow: visible; max-height: none; border: 0; background: none; } table { font-size: 7.5pt; } thead th, tr > th:first-child { position: static; }
  .claim, .claim > * { display: block; }
  th, td { padding: .2rem .35rem; } th.wide, th.wider { min-width: 0; }
  details:not([open], .claim) { display: none; }
}
`;
