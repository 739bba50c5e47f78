import { expect } from 'chai';
import { chatTemplateSource, createChatRenderer } from '../../src/text/chat-template.ts';

const CONFIG = { bos_token: '<s>', eos_token: { content: '</s>' } };
const TURNS =
  '{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}{{ eos_token }}{% endfor %}' +
  '{% if add_generation_prompt %}[assistant]{% endif %}';

describe('createChatRenderer', () => {
  it('default: roles, texts and special tokens', async () => {
    const render = await createChatRenderer(TURNS, CONFIG);

    const text = render([
      { role: 'developer', content: 'be brief' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
    ]);

    expect(text).to.equal('<s>[system]be brief</s>[user]ab</s>[assistant]');
  });

  it('error USER_INVALID_REQUEST: the template refuses the messages', async () => {
    const render = await createChatRenderer("{{ raise_exception('roles must alternate') }}", CONFIG);

    expect(() => render([{ role: 'user', content: 'a' }]))
      .to.throw('roles must alternate')
      .with.property('code', 'USER_INVALID_REQUEST');
  });

  it('behaviour: the globals of transformers are there', async () => {
    const render = await createChatRenderer(
      "{% for i in range(2, 8, 3) %}{{ i }},{% endfor %}{{ range(3)|length }}{{ none is none and true and not False }}{{ strftime_now('%Y')|length }}",
      CONFIG,
    );

    expect(render([{ role: 'user', content: 'a' }])).to.equal('2,5,3true4');
  });

  const doubling = (times: number, first: string, operator: string) =>
    `{% set ns = namespace(a=${first}) %}{% for i in range(${times}) %}{% set ns.a = ns.a ${operator} ns.a %}{% endfor %}`;
  const bombs: Record<string, string> = {
    'a range of 100 billion': '{% for i in range(100000000000) %}{% endfor %}',
    'a range without end': '{% for i in range(1, 2, 0) %}{% endfor %}',
    'a list that doubles': doubling(60, '[1, 2]', '+'),
    'a text that doubles': `${doubling(60, '"a b "', '~')}{{ ns.a.split(' ')|length }}`,
    'a text that fills itself': `${doubling(20, '"aaaa"', '~')}{{ ns.a|replace('a', ns.a) }}`,
    'loops in loops in loops': `${'{% for i in range(90000) %}'.repeat(3)}${'{% endfor %}'.repeat(3)}`,
  };
  for (const [what, source] of Object.entries(bombs)) {
    it(`error MODEL_BUNDLE_INVALID: ${what}; the process goes on`, async function () {
      this.timeout(20_000);
      const render = await createChatRenderer(source, CONFIG);

      expect(() => render([{ role: 'user', content: 'a' }]))
        .to.throw()
        .with.property('code', 'MODEL_BUNDLE_INVALID');
    });
  }

  it('error MODEL_BUNDLE_INVALID: not a template', async () => {
    const error: unknown = await createChatRenderer('{% for %}', CONFIG).catch((thrown: unknown) => thrown);

    expect(error).to.have.property('code', 'MODEL_BUNDLE_INVALID');
  });
});

describe('chatTemplateSource', () => {
  it('default: the file comes first', () => {
    expect(chatTemplateSource('file', { chat_template: 'config' })).to.equal('file');
  });

  it('behaviour: else the configuration, of several the default one', () => {
    expect(chatTemplateSource(undefined, { chat_template: 'config' })).to.equal('config');
    const named = [
      { name: 'tool_use', template: 'tools' },
      { name: 'default', template: 'plain' },
    ];
    expect(chatTemplateSource(undefined, { chat_template: named })).to.equal('plain');
  });

  it('behaviour: none is none', () => {
    expect(chatTemplateSource(undefined, {})).to.equal(undefined);
    expect(chatTemplateSource(undefined, { chat_template: [{ name: 'tool_use', template: 'x' }] })).to.equal(
      undefined,
    );
  });
});
