// How a page looks: colours by job (who, money, attention), one surface, hairlines; light and dark, screen, phone and paper.
import { fontFaces } from "./html-fonts.ts";
import { TIER_PAGE_PX } from "./html-labels.ts";
import { tableStyle } from "./html-table.ts";

export const pageStyle = (): string => `${fontFaces()}\n${STYLE}\n${tableStyle()}`;

const STYLE = `:root{color-scheme:light dark;
--paper:#ffffff;--sea:#edf1f2;--hover:#f5f8f8;--ink:#10202b;--ink-2:#43545f;--ink-3:#5a6a75;--rule:#d5dde1;--rule-2:#80929c;
--bar:#10202b;--bar-ink:#e8eff2;--bar-ink-2:#a9bac4;--gain:#0a5c9e;--loss:#a84300;--crit:#b0124f;--crit-bg:#fbe8ef;
--v1:#0c9a8c;--v2:#6c3667;--v3:#967f26;--v4:#5a67c9;--v5:#730519;--v6:#3e632e;
--sans:"Plex Cond","IBM Plex Sans Condensed","Roboto Condensed","Arial Narrow",system-ui,sans-serif;
--mono:"Plex Mono","IBM Plex Mono",ui-monospace,Menlo,Consolas,monospace}
@media screen and (prefers-color-scheme:dark){:root{
--paper:#0f181f;--sea:#0a1116;--hover:#14202a;--ink:#dce6ea;--ink-2:#a6b6bf;--ink-3:#8698a2;--rule:#1f2d37;--rule-2:#5b7282;
--bar:#060b0f;--bar-ink:#dce6ea;--bar-ink-2:#93a5af;--gain:#7fbaf5;--loss:#f2a15e;--crit:#ff86b2;--crit-bg:#32101f;
--v1:#85e7d3;--v2:#a065b5;--v3:#eeba63;--v4:#a2b3e3;--v5:#dc7488;--v6:#4d971b}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:400 13px/18px var(--sans);font-variant-numeric:tabular-nums lining-nums;letter-spacing:.005em}
h1,h2,p,ul,dl,dd,figure{margin:0;font-weight:inherit;font-size:inherit}
b{font-weight:600}
svg{display:block}
svg text{font:400 11px var(--sans);fill:var(--ink-3)}
svg text.name{font-weight:600;fill:var(--ink)}
svg text.note{font-size:13px;fill:var(--ink-2)}
svg text.end{font-size:13px;font-weight:500}
svg text.gain{fill:var(--gain)}svg text.loss{fill:var(--loss)}
.mono{font-family:var(--mono);font-size:.92em;letter-spacing:0}
.dim{color:var(--ink-2)}.gain{color:var(--gain)}.loss{color:var(--loss)}.crit{color:var(--crit)}
.v1{color:var(--v1)}.v2{color:var(--v2)}.v3{color:var(--v3)}.v4{color:var(--v4)}.v5{color:var(--v5)}.v6{color:var(--v6)}.all{color:var(--ink)}
.flag{display:inline-block;width:16px;height:12px;margin-right:6px;vertical-align:-1px}
.i{display:inline-block;width:9px;height:9px;margin-right:2px}
:focus-visible{outline:2px solid var(--gain);outline-offset:2px}
header{display:flex;align-items:center;gap:9px;height:44px;padding:0 16px;background:var(--bar);color:var(--bar-ink)}
header b{font-size:15px}
header svg{fill:none;stroke:currentColor;stroke-width:1.8}
header .kind{margin-left:11px;border:1px solid var(--bar-ink-2);border-radius:2px;padding:0 7px;font-size:12px;line-height:19px;font-weight:500}
header .when{margin-left:auto;color:var(--bar-ink-2)}
main{padding:0 16px 32px}
.act{margin:0 -16px;padding:12px 16px;background:var(--crit-bg);border-bottom:1px solid var(--crit)}
.act h2{color:var(--crit);font-weight:600;font-size:15px;line-height:20px}
.act ul{padding-left:18px;margin-bottom:8px;overflow-wrap:anywhere}
.say{padding:14px 0 12px}
.say h1{font-weight:600;font-size:15px;line-height:20px;overflow-wrap:anywhere}
.say p{font-size:21px;line-height:28px;letter-spacing:0;max-width:52em;text-wrap:pretty}
.say ul{list-style:none;padding:0;margin-top:4px;color:var(--ink-2);max-width:90em}
.figs{overflow:hidden;border-top:1px solid var(--rule);border-bottom:1px solid var(--ink)}
.figs dl{display:flex;flex-wrap:wrap;margin-left:-15px}
.figs dl>div{flex:1 0 auto;padding:7px 14px 8px;border-left:1px solid var(--rule)}
.figs dt{font-size:12px;line-height:16px;color:var(--ink-3)}
.figs dd{font-size:19px;line-height:24px;font-weight:500;white-space:nowrap}
.figs small{font-size:12px;font-weight:400;color:var(--ink-2);letter-spacing:0}
.sec{padding:12px 0;border-top:1px solid var(--rule)}
.figs+.sec{border-top:0}
.sec>h2{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 14px;margin-bottom:6px;font-weight:600}
.sec>h2>:last-child{font-weight:400;font-size:12px;color:var(--ink-3)}
.more,details{margin-top:6px;color:var(--ink-2)}
.more{overflow-wrap:anywhere}
summary{cursor:pointer;width:max-content}
.chart{display:grid;grid-template-columns:auto minmax(0,1fr) auto}
.chart>.under{grid-column:2}
.chart svg,figure svg{overflow:visible}.plot,.neat{width:100%}
.line{fill:none;stroke:currentColor;stroke-width:1.8;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.seam{stroke:var(--rule-2);stroke-dasharray:1 3}.seam.t1,.seam.t2,.seam.t3{stroke:var(--ink-3);stroke-dasharray:2 2}
.run{fill:currentColor}.tint{opacity:.18}
.dots{fill:currentColor;stroke:currentColor;stroke-width:1.2}.dots circle{stroke:var(--paper)}
.panels{display:flex;flex-wrap:wrap;gap:12px 24px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:max-content;min-width:100%}
th,td{padding:0 16px 0 0;text-align:left;white-space:nowrap}
tr>:last-child{padding-right:0}
thead th{padding-top:3px;padding-bottom:3px;font:500 12px/16px var(--sans);color:var(--ink-3);vertical-align:bottom}
tbody th,tbody td{height:26px;padding-top:3px;padding-bottom:3px;border-top:1px solid var(--rule);font-weight:400;vertical-align:top}
tbody tr:hover>*{background:var(--hover)}
.t2,.t3{display:none}
@media (min-width:${TIER_PAGE_PX.t2}px){.t2{display:inline}svg.t2{display:block}}
@media (min-width:${TIER_PAGE_PX.t3}px){.t3{display:inline}svg.t3{display:block}}
@media (max-width:719px){main{padding:0 12px 24px}header{padding:0 12px}header .when{display:none}.act{margin:0 -12px;padding:12px}
.say p{font-size:18px;line-height:24px}.figs dl>div{flex:1 0 45%}.figs dd{font-size:17px;white-space:normal}.figs small{display:block;line-height:15px}.panels{gap:12px 0;justify-content:space-between}}
@page{size:landscape;margin:10mm}
@media print{header{background:none;color:var(--ink);border-bottom:1px solid var(--ink);padding:0}main{padding:0}
header .kind,header .when{color:var(--ink)}.scroll{overflow:visible}tr,figure,.chart{break-inside:avoid}.act{margin:0}
table{font-size:9px;line-height:12px}tbody th,tbody td{height:auto;padding:2px 8px 2px 0}thead th{font-size:9px}details{display:none}}`;
