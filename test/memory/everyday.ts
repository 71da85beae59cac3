/** What two people might have told their agents over the months, in English and in German; and what they ask of it later. */
export const everyday: readonly string[] = `
I just got back from the dentist, the filling on the upper left is done
my brother Tom moved to Leeds last week, he works at the hospital there
we had a great weekend at the lake, the kids loved the rowing boat
I am so tired today, the baby was awake half of the night
could you remind me that the car needs its inspection before March?
the new coffee machine is wonderful, it was a good deal at 240 euros
I was thinking about learning the cello again, I stopped when I was twelve
lunch with Priya was lovely, she is going to marry in September
the weather was awful on our hike, it rained all day and we turned back at the hut
I bought tickets for the concert in the old church on Friday
happy to hear that the parcel arrived, the blue sweater was for my mother
good news: the landlord agreed to repair the boiler in January
I watched the documentary about octopuses, it was really interesting
my doctor says I should eat less salt because of the blood pressure
dinner was delicious, I used the recipe with fennel and oranges
I can't find my passport, I think it is in the green drawer
our cat Biscuit hates the vacuum cleaner and hides on the wardrobe
the meeting with the tax adviser is now on the ninth at ten
I love the colour of the kitchen now, it is called sage
we talked about going to Portugal in May, flights are cheap on Tuesdays
the bike was stolen in front of the library, the police took the number
I dreamed of my grandmother's house by the railway again
nothing new at work, only that Henrik becomes head of the team
I feel better since I go swimming every Thursday morning
the neighbour's dog barks all day, his name is Rocket
Ich war heute beim Zahnarzt, der nächste Termin ist im Februar
Meine Schwester Anke zieht nach Freiburg, sie fängt dort an der Uniklinik an
Das Wochenende an der Ostsee war schön, die Kinder haben Bernstein gefunden
Ich bin so müde, die Kleine war die halbe Nacht wach
Der Vermieter lässt endlich das Dach reparieren, ab dem zwölften kommen die Handwerker
Gestern haben wir die neue Waschmaschine bekommen, sie ist ganz schön laut
Das Essen bei Giovanni war lecker, besonders die Gnocchi mit Salbei
Ich überlege, wieder Klavier zu spielen, das habe ich mit vierzehn aufgegeben
Mir geht es gut, nur das Knie tut beim Laufen weh
Heute ist schönes Wetter, wir fahren mit den Rädern zum Baggersee
Mein Chef hat mir die Stelle in Wien angeboten, ich muss bis Freitag antworten
Der Hund von Frau Petersen heißt Lotte und frisst am liebsten Käse
Ich habe den Schlüssel zum Keller bei Markus gelassen
Wir haben über den Urlaub gesprochen, vielleicht Korsika im Juni
Ich freue mich auf das Konzert in der Elbphilharmonie am Samstag
Oma wird im April neunzig, wir feiern im Gasthof zur Linde
Der Kaffee aus der kleinen Rösterei ist stark, aber wunderbar
Morgen habe ich Elternabend, da geht es um die Klassenfahrt nach Husum
Das Auto muss zum TÜV, die Bremsen quietschen
Ich war lange nicht im Kino, der Film über den Polarforscher war toll
`
  .trim()
  .split("\n");

export const everydayQuestions: readonly string[] = `
Where does my brother Tom live now?
When does the car need its inspection?
Who is getting married in September?
How much was the coffee machine?
Where might my passport be?
What is our cat called and where does it hide?
What did my doctor say about salt?
What is the colour in the kitchen called?
Which instrument did I stop learning when I was twelve?
When is the meeting with the tax adviser?
Where was the bike stolen?
Who becomes head of the team?
Wohin zieht meine Schwester Anke?
Wann kommen die Handwerker für das Dach?
Wie heißt der Hund von Frau Petersen?
Bei wem ist der Schlüssel zum Keller?
Wann wird Oma neunzig?
Welche Stelle hat mir mein Chef angeboten?
Wohin geht die Klassenfahrt?
Was war mit den Bremsen vom Auto?
`
  .trim()
  .split("\n");
