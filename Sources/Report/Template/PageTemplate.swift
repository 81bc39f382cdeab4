import Mustache

/// The page's markup.
///
/// Two braces escape what they hold as `PageText` does; three are for pictures, rules and the
/// encoded record, which are made here and hold nothing of a record's words.
enum PageTemplate {
    static func library() throws -> MustacheLibrary {
        MustacheContentTypes.register(PageText(), named: PageText.name)
        // A template within another does not inherit its escaping.
        let start = "{{% CONTENT_TYPE: \(PageText.name)}}"
        var library = MustacheLibrary()
        for (name, text) in [
            ("page", page), ("section", section), ("part", part), ("figure", figure),
            ("table", table), ("text", text),
        ] {
            library.register(try MustacheTemplate(string: start + text), named: name)
        }
        return library
    }

    private static let page = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="generator" content="headwise">
        <title>{{title}}</title>
        <style>{{{style}}}</style>
        </head>
        <body>
        <main>
        {{#missing}}
        <p class="missing" role="note">{{.}}</p>
        {{/missing}}
        {{#heads}}
        <header>
        <h1>{{title}}</h1>
        {{#notes}}
        <p class="lead">{{> text}}</p>
        {{/notes}}
        {{#pictures}}
        <figure class="given">
        <div><img src="{{{source}}}" alt="{{name}}"></div>
        <figcaption>{{name}}</figcaption>
        </figure>
        {{/pictures}}
        {{#overview}}
        {{> table}}
        {{/overview}}
        </header>
        {{/heads}}
        {{#sections}}
        {{> section}}
        {{/sections}}
        </main>
        </body>
        </html>

        """

    private static let section = """
        <article id="{{identifier}}">
        <section class="verdict {{standing}}">
        <p class="name">{{#badges}}<span class="badge {{standing}}">{{text}}</span> {{/badges}}{{title}}</p>
        <h2 class="sentence">{{#sentence}}{{> text}}{{/sentence}}</h2>
        {{#reasons}}
        <p class="reason">{{> text}}</p>
        {{/reasons}}
        <p class="context">{{#context}}<span>{{.}}</span>{{/context}}</p>
        {{#cautions}}
        <p class="caution"><a href="#{{anchors}}warnings">{{.}}</a></p>
        {{/cautions}}
        </section>
        <section class="figures">
        {{#keyFigures}}
        <div class="key">
        <span class="what">{{name}}</span>
        <strong>{{value}} <span class="unit">{{unit}}</span></strong>
        {{#meter}}
        <span class="meter"><span class="reached" style="width:{{percent}}%"></span>{{#bands}}<span class="band" style="left:{{left}}%;width:{{width}}%"></span>{{/bands}}</span>
        {{/meter}}
        <span class="reference">{{reference}}</span>
        </div>
        {{/keyFigures}}
        </section>
        <nav aria-label="Parts of {{title}}"><ul>
        {{#parts}}
        <li><a href="#{{anchor}}">{{heading}}</a></li>
        {{/parts}}
        <li><a href="#{{identifier}}-raw">Raw record</a></li>
        </ul></nav>
        {{#parts}}
        {{> part}}
        {{/parts}}
        <section id="{{identifier}}-raw">
        <h3>Raw record</h3>
        {{#raw}}
        {{#links}}
        <p><a class="download" download="{{name}}" href="{{{.}}}">Download {{name}}</a> ({{size}} bytes): all numbers, and the host. <code>{{repeats}}</code> makes it again.</p>
        {{/links}}
        {{#checksums}}
        <p>The record is too large for this page. The file {{name}} ({{size}} bytes, CRC-32 {{.}}) has all numbers and the host. It was at <code>{{path}}</code>. <code>{{repeats}}</code> makes it again.</p>
        {{/checksums}}
        {{#unkept}}
        <p>The record has {{size}} bytes. That is too large for this page, and it was kept in no file. <code>{{repeats}}</code> makes it again.</p>
        {{/unkept}}
        {{/raw}}
        </section>
        </article>

        """

    private static let part = """
        <section id="{{anchor}}">
        <h3>{{heading}}</h3>
        {{#paragraphs}}
        <p>{{.}}</p>
        {{/paragraphs}}
        <div class="plots {{layout}}">
        {{#figures}}
        {{> figure}}
        {{/figures}}
        </div>
        {{#tables}}
        {{> table}}
        {{/tables}}
        {{#lists}}
        <ul class="notes">
        {{#items}}
        <li>{{> text}}</li>
        {{/items}}
        </ul>
        {{/lists}}
        </section>

        """

    private static let figure = """
        <figure>
        {{#titles}}
        <h4>{{.}}</h4>
        {{/titles}}
        {{#pictures}}
        <div class="picture {{format}}">{{{markup}}}</div>
        {{/pictures}}
        <figcaption>{{caption}}</figcaption>
        <details{{opening}}><summary>Numbers</summary>
        {{#table}}
        {{> table}}
        {{/table}}
        </details>
        </figure>

        """

    private static let text =
        "{{#segments}}{{words}}{{#codes}}<code>{{.}}</code>{{/codes}}{{/segments}}"

    private static let table = """
        <div class="table"><table class="{{kind}}">
        <thead><tr>{{#columns}}<th class="{{style}}" scope="col">{{text}}</th>{{/columns}}</tr></thead>
        <tbody>
        {{#rows}}
        <tr>{{#cells}}<td class="{{style}}" data-title="{{title}}">{{text}}{{#links}}<a href="#{{target}}">{{text}}</a>{{/links}}</td>{{/cells}}</tr>
        {{/rows}}
        </tbody>
        </table></div>

        """
}
