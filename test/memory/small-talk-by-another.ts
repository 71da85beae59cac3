/** Two hundred messages that ask for nothing, written without a look at what the search passes over: half English, half German. */
export const smallTalkByAnother: readonly string[] = `
morning! did you sleep well? | just made myself a cup of tea | ugh, Mondays | how's everything on your end? | what are you up to?
not much going on here | kettle's on | sun's out at last | it's pouring outside | I could eat a horse
my feet are killing me | traffic was terrible today | the bus was late again | glad that's over | what a relief
tell me something funny | do you know any riddles? | what's your favourite colour? | cats or dogs? | if you could travel anywhere, where would you go?
are you a morning person? | you sound cheerful today | I missed you | don't be silly | you crack me up
fancy a chat? | I've got five minutes to kill | nothing planned for tonight | staying in this evening | might watch something later
Thank you so much for your help. | I appreciate it very much. | That was most kind of you. | I hope you are doing well. | Have a pleasant afternoon.
Please excuse the delay. | I shall get back to you shortly. | With pleasure. | Much obliged. | Good evening to you.
thx!! | np | ikr | omw | ttyl
gn8 | sup bro | same lol | wdym | smh
rofl | no worries mate | cheers buddy | that's wild | you legend
hahahaha stop it | im dead 💀 | slay | bruh | for real?
I'm a bit under the weather | my head hurts | that took forever | I need a holiday | can't wait for the weekend
the days are getting shorter | spring is in the air | so much wind today | look at that sunset | the stars are bright tonight
lunch was great | dinner's almost ready | this coffee is strong | I'm so full | I could use a snack
okay, moving on | let's leave it at that | forget it | as I was saying | where were we?
you there? | can you hear me? | is this thing on? | hi, it's me | me again
one sec, phone's ringing | someone's at the door | gotta run | I'll be right back | back in a bit
what do you think? | does that sound right? | I'm not so sure about that | could be | who knows
wow, time flies | it's been ages | already Thursday? | so late already | early start tomorrow
Guten Morgen! | Guten Abend | Hallo, wie geht's? | Na, alles klar? | Servus!
Moin moin | Grüß dich | Tschüss, bis morgen | Schönen Feierabend | Schlaf gut
Danke schön | Vielen Dank für deine Hilfe | Bitte sehr | Gern geschehen | Kein Problem
Alles gut | Passt schon | Geht so | Mir geht's prima | Ich bin müde
Ja, genau | Nee, lass mal | Vielleicht später | Keine Ahnung | Mal sehen
Ach so | Echt jetzt? | Im Ernst? | Das gibt's doch nicht | Na ja
Das ist ja lustig | Du bist witzig | Haha, der war gut | Erzähl mir einen Witz | Was machst du gerade?
Wie war dein Tag? | Hast du gut geschlafen? | Bist du noch da? | Hörst du mich? | Was gibt's Neues?
Schönes Wetter heute | Es regnet schon wieder | Ganz schön kalt draußen | Endlich Wochenende! | Schon wieder Montag
Ich hab Hunger | Erst mal einen Kaffee | Das Essen war lecker | Ich geh jetzt ins Bett | Bin gleich wieder da
Herzlichen Glückwunsch! | Frohe Weihnachten | Gutes neues Jahr! | Viel Glück | Gute Besserung
Tut mir leid | Entschuldigung | War nicht so gemeint | Mach dir keine Sorgen | Wird schon
Super, danke dir | Klasse! | Wunderbar | Toll gemacht | Perfekt
Ich freue mich | Wie schön | Wie schade | Das ist aber traurig | Oh je
Einen Moment bitte | Warte mal kurz | Ich bin so weit | Fertig | Fast geschafft
Könnten Sie das bitte wiederholen? | Ich danke Ihnen herzlich. | Auf Wiedersehen | Mit freundlichen Grüßen | Es war mir ein Vergnügen.
Was meinst du damit? | Verstehe ich nicht | Ah, verstehe | Stimmt | Da hast du recht
lg | hdl | bis denn | jo | nö
Mir ist langweilig | Was für ein Tag | Zeit vergeht | Lange nicht gesehen | So spät schon
Also gut | Weiter geht's | Egal | Vergiss es | Wie auch immer
`
  .split(/[|\n]/)
  .map((text) => text.trim())
  .filter((text) => text !== "");
