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
            ("table", table),
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
        {{#overview}}
        <header>
        <h1>{{title}}</h1>
        {{> table}}
        <nav aria-label="Records"><ul>
        {{#sections}}
        <li><a href="#{{identifier}}">{{title}}</a></li>
        {{/sections}}
        </ul></nav>
        </header>
        {{/overview}}
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
        <p class="name">{{title}}{{#badges}} <span class="badge {{standing}}">{{text}}</span>{{/badges}}</p>
        <h2 class="sentence">{{sentence}}</h2>
        {{#reasons}}
        <p class="reason">{{.}}</p>
        {{/reasons}}
        </section>
        <section class="figures">
        {{#keyFigures}}
        <div class="key">
        <span class="what">{{name}}</span>
        <strong>{{value}}</strong>
        {{#meter}}
        <span class="meter"><span style="width:{{percent}}%"></span></span>
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
        <p><a class="download" download="{{name}}" href="{{{.}}}">Download {{name}}</a> ({{size}} bytes): every sample, and the host. <code>{{repeats}}</code> measures the same again.</p>
        {{/links}}
        {{#checksums}}
        <p>The record is too large for this page. The file {{name}} ({{size}} bytes, CRC-32 {{.}}) has every sample and the host. It was at <code>{{path}}</code>. <code>{{repeats}}</code> measures the same again.</p>
        {{/checksums}}
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
        {{#figures}}
        {{> figure}}
        {{/figures}}
        {{#tables}}
        {{> table}}
        {{/tables}}
        {{#lists}}
        <ul class="notes">
        {{#items}}
        <li>{{.}}</li>
        {{/items}}
        </ul>
        {{/lists}}
        </section>

        """

    private static let figure = """
        <figure>
        <h4>{{title}}</h4>
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

    private static let table = """
        <div class="table"><table class="{{kind}}">
        <thead><tr>{{#columns}}<th class="{{style}}" scope="col">{{text}}</th>{{/columns}}</tr></thead>
        <tbody>
        {{#rows}}
        <tr>{{#cells}}<td class="{{style}}" data-title="{{title}}">{{text}}</td>{{/cells}}</tr>
        {{/rows}}
        </tbody>
        </table></div>

        """
}
