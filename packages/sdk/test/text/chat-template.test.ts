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
