/** What people write that asks for nothing: two hundred messages. */
export const smallTalk: readonly string[] = `
thanks | thank you! | ok | okay | haha | good morning | good night | hi | hello there | hey, how are you?
lol | nice | cool | great, thanks | perfect | yes | no | yes please | no thanks | sure
sounds good | got it | alright | never mind | sorry | no problem | you're welcome | see you later | bye | talk to you tomorrow
what's up? | how's it going? | how was your day? | I'm fine, and you? | not bad | pretty good | I'm tired | I'm so bored | I can't sleep | what a day
the weather is lovely today | it's raining again | so hot outside | brr, it's freezing | finally weekend! | monday again… | happy friday | have a nice evening | enjoy your meal | sleep well
you are funny | that was hilarious | hahaha good one | you made my day | I like talking to you | you're the best | well done | good job | impressive | wow, amazing!
hmm | let me think | maybe | I don't know | not sure yet | we'll see | I guess so | probably | whatever | fair enough
tell me a joke | make me laugh | sing me a song | are you a robot? | do you dream? | do you ever sleep? | can you feel anything? | who made you? | are you happy? | do you like me?
one moment please | wait a second | brb | I'm back | still there? | are you there? | hello?? | ping | test | just testing
oh no | oops | my bad | ugh | argh | seriously? | no way! | really? | are you kidding? | unbelievable
congratulations! | happy birthday! | merry christmas | happy new year! | good luck | fingers crossed | get well soon | take care | safe travels | cheers
that makes sense | I see | I understand | interesting | good point | you're right | exactly | agreed | of course | absolutely
I'm hungry | I need coffee | time for lunch | going to bed now | just woke up | heading out | on my way home | back from work | long day today | busy week
👍 | ❤️ | 😂😂😂 | :) | 🙏 thanks | 🎉 | ... | !! | ? | k
please continue | go on | tell me more | again please | once more | shorter please | in other words? | what do you mean? | can you explain? | why?
good afternoon | evening! | morning :) | howdy | yo | hey you | hi again | long time no see | welcome back | nice to meet you
that's sad | I'm sorry to hear that | poor thing | what a pity | that's awful | how exciting! | how lovely | so sweet | aww | adorable
let's go | ready? | I'm ready | let's start | done | finished | almost there | nearly done | all good | everything ok
I love this | I hate mondays | life is good | I feel great today | feeling a bit down | a bit stressed lately | could be better | same as always | nothing new here | nothing special
guess what | you know what? | by the way | anyway | so… | well then | right | true | indeed | amen
`
  .split(/[|\n]/)
  .map((text) => text.trim())
  .filter((text) => text !== "");
