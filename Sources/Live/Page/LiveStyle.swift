import Report

/// The looks of the page: one column on a phone, two on a desk.
///
/// Light or dark, as the reader's system says. The colours of the charts are those of the whole page.
enum LiveStyle {
    static let rules =
        """
        :root{color-scheme:light dark;\(Palette.lightRules);--back:#f6f7f9;--card:#fff;\
        --line:#e3e6ea;--quiet:#5b636b;--good:#00714f;--bad:#b23c00;--link:#005a8f}
        @media(prefers-color-scheme:dark){:root{\(Palette.darkRules);--back:#111417;--card:#1a1e23;\
        --line:#2b3138;--quiet:#a3abb3;--good:#3fd3a4;--bad:#ff9a5c;--link:#7cc4f5}}
        """ + #"""
            *{box-sizing:border-box}
            html{-webkit-text-size-adjust:100%}
            body{margin:0;background:var(--back);color:var(--ink);
            font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
            main{max-width:76rem;margin:0 auto;padding:1.25rem 1.25rem 4rem}
            h1,h2,h3,p,ul{margin:0;padding:0}
            ul{list-style:none}
            [hidden]{display:none!important}
            a{color:var(--link)}
            .quiet{color:var(--quiet);font-size:.875rem}
            .offline{background:var(--bad);color:var(--card);padding:.5rem 1.25rem;text-align:center;
            position:sticky;top:0;z-index:1}
            .top{display:flex;justify-content:space-between;align-items:center;gap:1rem}
            .brand{font-size:.95rem;color:var(--quiet);letter-spacing:.01em}
            .brand b{color:var(--ink)}
            .state{display:inline-flex;align-items:center;gap:.5rem;font-size:.875rem;font-weight:600;
            padding:.2rem .75rem;border-radius:2rem;background:var(--card);border:1px solid var(--line);
            white-space:nowrap}
            .state i,.records i{width:.6rem;height:.6rem;border-radius:50%;background:var(--grey);
            flex:none}
            .measuring i{background:var(--blue)}
            .state.measuring i{animation:pulse 2s ease-in-out infinite}
            .good i{background:var(--good)}
            .bad i{background:var(--bad)}
            .state.good{color:var(--good)}
            .state.bad{color:var(--bad)}
            @keyframes pulse{50%{opacity:.25}}
            .name{margin-top:1.25rem;color:var(--quiet);font-size:.95rem;overflow-wrap:anywhere}
            h1{font-size:clamp(1.5rem,4.6vw,2.25rem);line-height:1.2;font-weight:650;
            letter-spacing:-.012em;margin-top:.25rem;max-width:34em;text-wrap:pretty;
            overflow-wrap:anywhere}
            .reasons li{color:var(--bad);margin-top:.5rem;overflow-wrap:anywhere}
            .progress{margin-top:1.25rem}
            .track{height:.4rem;border-radius:1rem;background:var(--line);overflow:hidden}
            .track span{display:block;height:100%;width:0;background:var(--blue);border-radius:1rem;
            transition:width .6s ease}
            .progress p{margin-top:.4rem;color:var(--quiet);font-size:.875rem;
            font-variant-numeric:tabular-nums}
            .actions{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1rem;margin-top:1rem}
            .button{display:inline-block;padding:.35rem .9rem;border-radius:.5rem;font-size:.9rem;
            font-weight:600;text-decoration:none;border:1px solid var(--line);background:var(--card)}
            .button:hover,.button:focus-visible{border-color:var(--link)}
            main>section,.columns{margin-top:1.5rem}
            h2{font-size:1rem;font-weight:650;margin-bottom:.5rem}
            .card,.key,.cluster{background:var(--card);border:1px solid var(--line);
            border-radius:.75rem;padding:1rem 1.1rem}
            .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.75rem}
            .figures:empty{display:none}
            .key{display:flex;flex-direction:column}
            .key .what,.key .reference{color:var(--quiet);font-size:.85rem;line-height:1.35}
            .key strong{font-size:1.6rem;line-height:1.3;font-weight:650;letter-spacing:-.01em;
            font-variant-numeric:tabular-nums}
            .meter{display:block;height:.3rem;border-radius:1rem;background:var(--line);overflow:hidden;
            margin:.3rem 0 .4rem}
            .meter span{display:block;height:100%;background:var(--blue);transition:width .6s ease}
            .columns{display:grid;gap:.75rem;grid-template-columns:minmax(0,2fr) minmax(0,1fr)}
            .columns>.wide:last-child,.columns:has(#speedups[hidden])>.wide{grid-column:1/-1}
            .legend{display:flex;flex-wrap:wrap;gap:.15rem 1rem;font-size:.85rem;color:var(--quiet);
            margin-bottom:.5rem}
            .legend span{display:inline-flex;align-items:center;gap:.4rem;
            font-variant-numeric:tabular-nums}
            .legend i{width:.7rem;height:.7rem;border-radius:.2rem;flex:none}
            .legend i.ring{border-radius:50%;background:none!important;border:2px solid}
            .legend i.disc{border-radius:50%}
            .legend i:is(.square,.triangle,.diamond,.down){border-radius:0}
            .legend i.triangle{clip-path:polygon(50% 0,100% 100%,0 100%)}
            .legend i.diamond{clip-path:polygon(50% 0,100% 50%,50% 100%,0 50%)}
            .legend i.down{clip-path:polygon(0 0,100% 0,50% 100%)}
            .legend i.dash{height:0;border-radius:0;background:none!important;border-top:2px dashed}
            .chart svg{display:block;width:100%;overflow:visible}
            .chart text{font-size:12px;fill:var(--quiet);font-variant-numeric:tabular-nums}
            .chart text.value{fill:var(--ink);font-weight:600}
            .chart .guide{stroke:var(--line)}
            .chart .fresh{animation:arrive 1.2s ease-out}
            @keyframes arrive{from{r:9px;fill-opacity:.05}}
            .grid{columns:22rem;column-gap:.75rem;margin-top:.75rem}
            .cluster{break-inside:avoid;margin-bottom:.75rem}
            .cluster h3{font-size:1rem;font-weight:650}
            .cluster>p{margin-bottom:.6rem}
            .cluster.bad{border-color:var(--bad)}
            .worker{display:grid;grid-template-columns:1.6rem 1fr;gap:0 .6rem;margin-top:.5rem;
            align-items:center}
            .worker>b{font-weight:600;color:var(--quiet);font-size:.85rem;text-align:right;
            font-variant-numeric:tabular-nums}
            .worker p{grid-column:2;font-size:.8rem;color:var(--quiet);line-height:1.4;
            font-variant-numeric:tabular-nums}
            .stack{display:flex;height:.9rem;border-radius:.2rem;overflow:hidden;background:var(--line)}
            .many .worker{grid-template-columns:1.6rem 1fr 7rem;margin-top:.15rem}
            .many .worker p{grid-column:3;grid-row:1;white-space:nowrap}
            .many .stack{height:.7rem}
            .many .last{display:none}
            .stack.last{height:.25rem;margin-top:2px;grid-column:2}
            .stack span{display:block;height:100%}
            .row{display:grid;grid-template-columns:minmax(9rem,17rem) minmax(0,1fr) minmax(9rem,15rem);
            gap:.25rem 1rem;align-items:center;padding:.3rem 0;font-size:.9rem}
            .row+.row{border-top:1px solid var(--line)}
            .row .name{margin:0;color:var(--ink);font-size:inherit}
            .row .value{font-variant-numeric:tabular-nums;text-align:right}
            .row .value small{display:block;color:var(--quiet)}
            .row.bad .name{color:var(--bad)}
            .row .meter{height:.6rem;margin:0}
            .scale{position:relative;height:1.5rem}
            .scale span{position:absolute}
            .band{top:0;bottom:0;background:var(--line)}
            .one{top:0;bottom:0;width:1px;background:var(--quiet)}
            .reach{top:calc(50% - 1.5px);height:3px;background:var(--blue);border-radius:2px}
            .spot{top:calc(50% - 5px);width:10px;height:10px;margin-left:-5px;border-radius:50%;
            background:var(--blue)}
            .faulty{border-color:var(--bad)}
            .faulty h2{color:var(--bad)}
            .faulty li{display:flex;flex-wrap:wrap;gap:0 .75rem;padding:.2rem 0;overflow-wrap:anywhere}
            .faulty li span{color:var(--quiet);font-size:.9rem;min-width:15rem}
            #warnings li{padding:.2rem 0 .2rem 1rem;border-left:3px solid var(--orange);
            margin-bottom:.4rem;overflow-wrap:anywhere}
            .about p{color:var(--quiet);font-size:.875rem;overflow-wrap:anywhere}
            .about p+p{margin-top:.2rem}
            .about code{font-size:.95em}
            .records{background:var(--card);border:1px solid var(--line);border-radius:.75rem;
            overflow:hidden}
            .records li+li{border-top:1px solid var(--line)}
            .records a{display:grid;grid-template-columns:auto minmax(0,1fr) auto;gap:0 .75rem;
            align-items:center;padding:.55rem 1.1rem;text-decoration:none;color:inherit}
            .records a:hover,.records a:focus-visible{background:var(--back)}
            .records a[aria-current]{box-shadow:inset 3px 0 var(--blue)}
            .records b{font-weight:600;overflow-wrap:anywhere}
            .records small{color:var(--quiet);font-size:.85rem;white-space:nowrap}
            .records em{grid-column:2/-1;font-style:normal;color:var(--quiet);font-size:.85rem;
            overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
            .records+p{margin-top:.5rem}
            @media(max-width:60rem){.columns{grid-template-columns:minmax(0,1fr)}}
            @media(max-width:40rem){main{padding:1rem .9rem 3rem}
            .figures{grid-template-columns:repeat(2,minmax(0,1fr));gap:.5rem}
            .key{padding:.7rem .8rem}.key strong{font-size:1.25rem}
            .card,.cluster{padding:.8rem .9rem}
            .row{grid-template-columns:minmax(0,1fr) auto}
            .row .meter,.row .scale{grid-column:1/-1;grid-row:2}
            .records em{white-space:normal}}
            @media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
            """#
}
